// A program that joins a room, hears and says something, leaves, and must then end by itself: arguments url and token.

import { livekitRoom } from '../../src/room/livekit/index.ts';

const [url = '', token = ''] = process.argv.slice(2);
const room = await livekitRoom({ url, token })({
  onEvent: ({ type }) => process.stdout.write(`${type}\n`),
  signal: new AbortController().signal,
});
room.sendAudio({
  sequenceNumber: 1,
  rtpTimestamp: 1,
  marker: true,
  payload: Buffer.from('f8fffe', 'hex'),
  audioLevelDbov: 127,
});
room.setAttributes({ here: 'yes' });
const text = room.openText({ topic: 't' });
text.write('hello');
text.close();
await room.close();
process.stdout.write(`left ${room.name}\n`);
