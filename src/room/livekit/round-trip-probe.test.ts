import { DataPacket, RpcAck, RpcError, RpcRequest, RpcResponse } from '@livekit/protocol';
import { beforeEach, describe, expect, it } from 'vitest';

import { VirtualClock } from '../../../test/sim/virtual-clock.ts';
import { decodeDataPacket } from './data-packets.ts';
import { RoundTripProbe } from './round-trip-probe.ts';
import { TextStreamAssembler } from './text-streams.ts';

let clock: VirtualClock;
let sent: DataPacket[];
let isOpen: boolean;
let probe: RoundTripProbe;

beforeEach(() => {
  clock = new VirtualClock();
  sent = [];
  isOpen = true;
  probe = new RoundTripProbe({
    send: (packet) => {
      if (isOpen) sent.push(DataPacket.fromBinary(packet));
      return isOpen;
    },
    clock,
  });
});

/** What a participant's SDK sends back to a call, on the wire. */
function answer(value: DataPacket['value'], participantIdentity = 'ann'): void {
  const packet = new DataPacket({ participantIdentity, value }).toBinary();
  const event = decodeDataPacket(packet, new TextStreamAssembler());
  if (event?.type !== 'callAnswered') throw new Error('no answer');
  probe.answered(event);
}

const requestId = (): string => {
  const value = sent.at(-1)?.value;
  return value?.case === 'rpcRequest' ? value.value.id : '';
};
const acknowledged = (id = requestId()): DataPacket['value'] => ({
  case: 'rpcAck',
  value: new RpcAck({ requestId: id }),
});
const refused = (): DataPacket['value'] => {
  const error = new RpcError({ code: 1400, message: 'Method not supported at destination' });
  return {
    case: 'rpcResponse',
    value: new RpcResponse({ requestId: requestId(), value: { case: 'error', value: error } }),
  };
};

describe('RoundTripProbe', () => {
  it('calls a method that nobody has, of one participant, in the version that all SDKs know', () => {
    void probe.measure('ann');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.destinationIdentities).toEqual(['ann']);
    const value = sent[0]?.value.value;
    expect(value).toBeInstanceOf(RpcRequest);
    expect(value).toMatchObject({ method: 'repartee.ping', version: 1, payload: '' });
  });

  it.each([
    ['an acknowledgement', acknowledged],
    ['a refusal', refused],
  ])('takes the time until %s', async (_name, value) => {
    const measured = probe.measure('ann');
    await clock.advance(35);
    answer(value());
    expect(await measured).toBe(35);
    // The other one of the two comes later, and says nothing new.
    answer(acknowledged());
  });

  it('takes no answer of somebody else, nor to another call', async () => {
    const measured = probe.measure('ann');
    await clock.advance(10);
    answer(acknowledged(), 'bob');
    answer(acknowledged('another'));
    await clock.advance(10);
    answer(acknowledged());
    expect(await measured).toBe(20);
  });

  it('gives up after two seconds, at the end, and at once where nothing can be sent', async () => {
    const unanswered = probe.measure('ann');
    await clock.advance(2000);
    expect(await unanswered).toBeUndefined();
    const open = probe.measure('ann');
    probe.close();
    expect(await open).toBeUndefined();
    isOpen = false;
    expect(await probe.measure('ann')).toBeUndefined();
    expect(clock.pendingTimerCount).toBe(0);
  });
});
