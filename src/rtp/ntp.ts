// NTP timestamps as RTCP and header extensions carry them: 64 bit, seconds since 1900 in the upper half, their fraction of 2³²
// in the lower one (RFC 3550 section 4; RFC 5905 section 6).

/** Seconds from 1900 to 1970. */
const NTP_UNIX_OFFSET_S = 2_208_988_800;

/** Wall time as a 64 bit NTP timestamp; an hour after the wrap of 2036 it is small again. */
export function ntpTimestamp(epochMs: number): bigint {
  const wholeSeconds = Math.floor(epochMs / 1000);
  const fraction = Math.floor(((epochMs - wholeSeconds * 1000) / 1000) * 2 ** 32);
  return BigInt.asUintN(64, (BigInt(wholeSeconds + NTP_UNIX_OFFSET_S) << 32n) | BigInt(fraction));
}

/** Milliseconds since 1970, to about a quarter of a microsecond; of era 0, which ends in 2036. */
export function epochMsOfNtp(ntp: bigint): number {
  const seconds = Number(ntp >> 32n) - NTP_UNIX_OFFSET_S;
  return seconds * 1000 + (Number(ntp & 0xffff_ffffn) * 1000) / 2 ** 32;
}

/** The middle 32 bits, by which reception reports name a sender report (RFC 3550 section 6.4.1, LSR): units of 2⁻¹⁶ s. */
export function middleOfNtp(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}
