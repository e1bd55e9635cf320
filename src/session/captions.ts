// Live captions of both sides as LiveKit's front ends expect them: text streams on `lk.transcription`.
// Caller: each revision is a stream of its own with the same segment id. Agent: one stream a reply, growing as it is heard.

import type { Room, TextWriter } from '../room/port.ts';

const TOPIC = 'lk.transcription';

export class Captions {
  readonly #room: Room;
  #callerSegment: string | undefined;
  #agent: { readonly replyId: number; readonly writer: TextWriter; shown: string } | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Shows the caller's words so far; a `complete` text ends the segment. Nothing is shown of a turn without words. */
  showCaller(identity: string, trackSid: string | undefined, text: string, complete: boolean): void {
    if (text === '' && this.#callerSegment === undefined) return;
    this.#callerSegment ??= newSegmentId();
    const writer = this.#room.openText({
      topic: TOPIC,
      senderIdentity: identity,
      attributes: attributes(this.#callerSegment, trackSid, complete),
    });
    writer.write(text);
    writer.close();
    if (complete) this.#callerSegment = undefined;
  }

  /** Shows what has been heard of a reply, growing. */
  showAgent(replyId: number, heard: string): void {
    if (heard === '' || (this.#agent?.replyId === replyId && this.#agent.shown === heard)) return;
    if (this.#agent?.replyId !== replyId) {
      this.endAgent();
      const segment = attributes(newSegmentId(), this.#room.localTrackSid, false);
      this.#agent = { replyId, writer: this.#room.openText({ topic: TOPIC, attributes: segment }), shown: '' };
    }
    this.#agent.writer.write(heard.slice(this.#agent.shown.length));
    this.#agent.shown = heard;
  }

  /** The reply is over: what was shown is what was heard. */
  endAgent(): void {
    this.#agent?.writer.close({ 'lk.transcription_final': 'true' });
    this.#agent = undefined;
  }
}

function attributes(segmentId: string, trackSid: string | undefined, complete: boolean): Record<string, string> {
  return {
    'lk.segment_id': segmentId,
    'lk.transcription_final': String(complete),
    ...(trackSid === undefined ? {} : { 'lk.transcribed_track_id': trackSid }),
  };
}

function newSegmentId(): string {
  return `SG_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
}
