import { createHash } from 'node:crypto';

/** The check digit of payment cards. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    sum += index % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}

/** The check of an IBAN, ISO 7064 mod 97-10. Expects capital letters and digits only. */
export function passesMod97(iban: string): boolean {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    // A is 10, B is 11, …: two digits, taken in one by one.
    for (const digit of Number.parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97;
  }
  return remainder === 1;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The length in bytes of what a base58check text carries, its checksum left out; null when the checksum is wrong. */
export function readBase58Check(text: string): number | null {
  let number = 0n;
  for (const character of text) number = number * 58n + BigInt(BASE58.indexOf(character));
  const hex = number.toString(16);
  const leadingZeros = text.length - text.replace(/^1+/, '').length;
  const bytes = Buffer.concat([Buffer.alloc(leadingZeros), Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')]);
  if (bytes.length < 5) return null;
  const payload = bytes.subarray(0, -4);
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest();
  return hash(hash(payload)).subarray(0, 4).equals(bytes.subarray(-4)) ? payload.length : null;
}
