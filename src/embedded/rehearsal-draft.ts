import type { Draft } from '../agents/draft.ts';
import type { AgentFacts } from '../agents/facts.ts';
import type { Findings } from '../agents/researcher.ts';
import { pickSentences, type Sentence, toSentences } from './rehearsal-extract.ts';
import { readRequest } from './rehearsal-request.ts';
import { shorten, toTerms } from './rehearsal-terms.ts';
import { BANNER, DRAFT_LEAD, FINDINGS_LEAD, findBadWording, NO_FINDING_LINE, NO_SOURCE_LINE, REVISED_LEAD } from './rehearsal-wording.ts';

const MAX_FINDINGS = 8;
const MAX_POINTS = 5;
export const MAX_GOAL_CHARS = 300;

export function rehearseFindings(facts: AgentFacts): Findings {
  const picked = pickSentences(toSentences(facts.sources), toQuery(facts), MAX_FINDINGS);
  if (picked.length === 0) return { findings: `${FINDINGS_LEAD}\n\n${NO_FINDING_LINE}`, sources: [] };
  const lines = picked.map((sentence) => `- ${escapeMarkdown(sentence.text)} (from: ${toTitle(sentence)})`);
  return { findings: [FINDINGS_LEAD, '', ...lines].join('\n'), sources: [...new Set(picked.map((sentence) => sentence.ref))] };
}

/** A text made of the goal and of sentences of the material, quoted as they are. A finished draft among the sources is passed on whole. */
export function rehearseDraft(facts: AgentFacts): Draft {
  const finished = facts.sources.findLast((source) => source.origin === 'agent' && source.text.startsWith(DRAFT_LEAD));
  if (finished && facts.comments.length === 0) return { text: finished.text };
  const picked = pickSentences(toSentences(facts.sources), toQuery(facts), MAX_POINTS);
  const { heading, facts: given } = readRequest(facts.goal);
  const blocks = [
    DRAFT_LEAD,
    `**${escapeMarkdown(shorten(heading, MAX_GOAL_CHARS))}**`,
    ...(given === '' ? [] : [escapeMarkdown(given)]),
    ...writeBody(picked),
    ...writeRevision(facts.comments),
  ];
  return { text: blocks.join('\n\n') };
}

function writeBody(picked: readonly Sentence[]): string[] {
  if (picked.length === 0) return [NO_SOURCE_LINE];
  const points = picked.map((sentence) => `- ${escapeMarkdown(sentence.text)}`);
  const titles = [...new Set(picked.map(toTitle))];
  return [points.join('\n'), `Sources: ${titles.join(', ')}`];
}

/** What reviewers asked for steers the choice of sentences; here it is also said, unless repeating it would repeat the mistake. */
function writeRevision(comments: readonly string[]): string[] {
  if (comments.length === 0) return [];
  const last = (comments.at(-1) ?? '').replaceAll(BANNER, '');
  const subject = findBadWording(last).length > 0 ? 'the wording that was objected to is gone' : `“${shorten(last, 160)}”`;
  return [`${REVISED_LEAD} ${comments.length === 1 ? 'one comment' : `${comments.length} comments`}: ${escapeMarkdown(subject)}`];
}

/** What is asked for, and what reviewers asked for since; an instruction only when the goal has no subject of its own. */
function toQuery({ goal, instruction, comments }: AgentFacts): string[] {
  const asked = toTerms([goal, ...comments].join(' '));
  return asked.length > 0 ? asked : toTerms(instruction);
}

const toTitle = ({ title }: Sentence): string => escapeMarkdown(shorten(title.replace(/[()]/g, ' '), 80));

/** Quoted words keep their characters: what looks like markdown in them is not. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_~[\]<>#|]/g, '\\$&');
}
