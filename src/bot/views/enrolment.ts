import { code, fmt, lines, toView, type View } from '../view.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ISSUER = 'Dynamic AGS';

/** RFC 4648, as authenticator apps read a secret; without padding, which 20 bytes do not need. */
export function toBase32(hex: string): string {
  const bits = [...Buffer.from(hex, 'hex')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** The secret of an authenticator app as the address that every such app reads. */
export function toOtpauthUri(secretHex: string, externalId: number): string {
  const label = `${encodeURIComponent(ISSUER)}:${encodeURIComponent(`tg:${externalId}`)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secretHex)}&issuer=${encodeURIComponent(ISSUER)}&algorithm=SHA1&digits=6&period=30`;
}

/** Shown once, in the private chat. */
export function makeEnrolmentView(secretHex: string, externalId: number): View {
  return toView(
    lines([
      'Put this key into your authenticator app. I show it this once, and delete this message when your first code has come.',
      fmt`Key: ${code(toBase32(secretHex))}`,
      fmt`As an address: ${code(toOtpauthUri(secretHex, externalId))}`,
      fmt`Then send me the app’s six digits: ${code('/enrol 123456')}. It counts from then on.`,
    ]),
  );
}
