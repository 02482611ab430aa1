import { unmask, type Vault } from './pii.ts';

/** What stands in angle brackets; and a word, with all that a reader of links may still count to an address. */
const SPAN = /<[^>\n]{0,4000}>?|[^\s<]{1,4000}/g;
/** What makes an address of it: a scheme, a host with an ending, or the target of a link. */
const ADDRESS = /:\/\/|\]\(|[\p{L}\p{N}_-]\.[\p{L}\p{N}-]{2,}|(?:^|[^\p{L}\p{N}])(?:mailto|tel|tg|ton|data|javascript):/iu;

/**
 * Puts real values back where people read them, and nowhere else: what stands in an address is told to whoever it leads to. There, and in
 * a word that only looks like one, the placeholder stays.
 */
export function unmaskText(text: string, vault: Vault): string {
  return text.replace(SPAN, (span) => (ADDRESS.test(span) ? span : unmask(span, vault)));
}
