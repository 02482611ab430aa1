/** The first words of every text that the rehearsal writes. */
export const BANNER = 'Rehearsal, no AI:';
export const DRAFT_LEAD = `${BANNER} a draft put together from the material.`;
/** A revision begins with other words than the version before it, so that no two are the same. */
export const toDraftLead = (revision: number): string =>
  revision === 0 ? DRAFT_LEAD : `${BANNER} draft ${revision + 1}, put together from the material.`;
const ANY_DRAFT_LEAD = /^Rehearsal, no AI: (?:a draft|draft \d+,) put together from the material\./;
/** Whether a text, or a line, begins as each draft of the rehearsal does. */
export const isDraft = (text: string): boolean => ANY_DRAFT_LEAD.test(text);
export const FINDINGS_LEAD = `${BANNER} what the material says, sentence by sentence.`;
export const NO_SOURCE_LINE = '(Taken from the request itself.)';
export const NO_FINDING_LINE = 'The material says nothing that could be quoted.';
export const UNREADABLE_LEAD = '(Not readable as text:';
export const CUT_LINE = '(The text goes on; what follows is left out here.)';

interface Rule {
  flag: string;
  pattern: RegExp;
  advice: string;
}

/** Wording that stops a text whatever else it has. Each pattern is linear: no repetition inside a repetition. */
const RULES: readonly Rule[] = [
  {
    flag: 'promise of profit',
    pattern:
      /\bguaranteed (?:\w+ )?(?:profits?|returns?|gains?|income|wins?)\b|\b(?:profits?|returns?|gains?) (?:is|are) guaranteed\b|\brisk[- ]free\b|\bdouble your (?:money|deposit)\b|\b(?:cannot|can't|can not) lose\b|\b100 ?% (?:profit|safe|sure)\b/i,
    advice: 'Take out the promise of profit or certainty.',
  },
  {
    flag: 'a secret in the text',
    pattern:
      /\bsk-[\w-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}|\b\d{8,10}:[\w-]{35}\b|-----BEGIN [A-Z ]{0,20}PRIVATE KEY|\b(?:password|passphrase|api[ _-]?key|secret)\s?[:=]\s?\S{4,}/i,
    advice: 'Take out the key, token or password.',
  },
  {
    flag: 'claims a verdict or an approval',
    pattern:
      /\bcritic\s?[:=]?\s?(?:pass|ok|9 ?\/ ?9)|\bscore\s?[:=]?\s?9 ?\/ ?9|\b(?:approved|confirmed|signed off) by (?:the )?(?:owner|operator|critic|admin)|\b(?:owner|operator|critic|admin) (?:has |have |already ){0,2}(?:approved|confirmed|signed off)|\bpre-?approved\b/i,
    advice: 'A text cannot say of itself that it was judged or approved.',
  },
  {
    flag: 'speaks to a model, not to people',
    pattern:
      /\b(?:ignore|disregard|forget) (?:all |any |the |your ){0,3}(?:previous |prior |above |earlier )?(?:instructions|rules|prompts?)\b|\byou are now\b|\b(?:reveal|print|show) (?:your |the )?system prompt\b|<\/?(?:system|assistant)>|\[\/?INST\]|<\|im_(?:start|end)\|>/i,
    advice: 'Take out what is addressed to a model.',
  },
  {
    flag: 'unfinished text',
    pattern:
      /\bTODO\b|\bTBD\b|\blorem ipsum\b|\{\{[^}\n]{0,80}\}\}|\[(?:insert|your|add|fill in|placeholder)\b[^\]\n]{0,80}\]|\?{3,}|\bXXX+\b/i,
    advice: 'Fill in or take out the placeholder.',
  },
  {
    flag: 'pressure on the reader',
    pattern: /\bact now\b|\blast chance\b|\bbefore it(?:'s| is) too late\b/i,
    advice: 'Take out the pressure; say by when and why instead.',
  },
];

export interface Finding {
  flag: string;
  advice: string;
}

export function findBadWording(text: string): Finding[] {
  return RULES.filter((rule) => rule.pattern.test(text)).map(({ flag, advice }) => ({ flag, advice }));
}
