// The keys of a telephone: RFC 4733 section 3.2, events 0 to 15. Flash (16) is no key.

/** In the order of their event codes. */
const DTMF_KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'] as const;

export type DtmfKey = (typeof DTMF_KEYS)[number];

/** The key of that name, or, where it has none, of that event code; undefined where there is no such key. */
export function dtmfKey(name: string, eventCode: number): DtmfKey | undefined {
  return name === '' ? DTMF_KEYS[eventCode] : DTMF_KEYS.find((key) => key === name.toUpperCase());
}
