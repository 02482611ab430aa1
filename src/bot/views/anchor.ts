import { Anchor } from '../../domain/evidence/anchor.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, lines, plural, type Rich } from '../view.ts';

/** Everything that the hash is made of stands in the message: it can be checked without this program. */
export function makeAnchorView(anchor: Anchor, time: LocalTime): Rich {
  const { number, record_count, chain_count, made_at } = anchor;
  return lines([
    fmt`🔗 ${bold(`Audit anchor ${number}`)} · ${time.format(made_at, new Date(made_at))}`,
    `${plural(record_count, 'new record')} in ${plural(chain_count, 'chain')}. Reply with /audit verify to check the log against this message.`,
    '',
    fmt`made: ${code(made_at)}`,
    fmt`before: ${code(anchor.prev_hash)}`,
    fmt`root: ${code(anchor.merkle_root)}`,
    fmt`hash: ${code(anchor.hash)}`,
  ]);
}

const FORM =
  /Audit anchor (\d{1,15}) [\s\S]*?(\d{1,15}) new records? in (\d{1,15}) chains?\.[\s\S]*?made: (\S+)\s+before: ([0-9a-f]{64})\s+root: ([0-9a-f]{64})\s+hash: ([0-9a-f]{64})/;

/** Reads what `makeAnchorView` wrote; null for any other text. */
export function readAnchorText(text: string): Anchor | null {
  const [, number, record_count, chain_count, made_at, prev_hash, merkle_root, hash] = FORM.exec(text) ?? [];
  const parsed = Anchor.safeParse({
    number: Number(number),
    prev_hash,
    record_count: Number(record_count),
    chain_count: Number(chain_count),
    merkle_root,
    made_at,
    hash,
  });
  return parsed.success ? parsed.data : null;
}
