import { findHiddenCharacters } from './characters.ts';

/**
 * Signs that a text tries to give orders to a model. A signal that asks more people and marks the card: it is never what keeps an effect
 * from happening, because new words are found faster than rules. Rules in English and a few other languages, no AI.
 */
export interface InjectionScreening {
  /** 0 (nothing) to 1; the more signals, and the plainer, the higher. */
  score: number;
  /** Names from the table below, in its order. */
  signals: string[];
}

interface Signal {
  name: string;
  /** For people: what such a text does. */
  words: string;
  /** How likely an order it is, alone. */
  weight: number;
  /** Gaps are bounded, so that time grows with length only. Run on folded text: lower case, Latin look-alikes, single blanks. */
  pattern: RegExp;
}

const SIGNALS: readonly Signal[] = [
  {
    name: 'ignore_instructions',
    words: 'tells a model to ignore its instructions',
    weight: 0.8,
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass|do not follow)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|your|the|system)\b.{0,30}\b(?:instructions?|rules?|prompts?|guidelines?|polic(?:y|ies)|directions?)\b/s,
  },
  {
    name: 'ignore_instructions_other_language',
    words: 'tells a model to ignore its instructions',
    weight: 0.8,
    pattern:
      /(?:игнорируй|забудь|не обращай внимания на).{0,40}(?:инструкци|правил|указани)|\bignora.{0,30}\binstrucciones\b|\bignorez.{0,30}\binstructions\b|\bignorier.{0,40}\banweisungen\b|忽略.{0,20}(?:指令|指示|说明)/s,
  },
  {
    name: 'role_marker',
    words: 'imitates the marks between instructions and text',
    weight: 0.6,
    pattern:
      /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|?>|\[\/?inst\]|<<\/?sys>>|<\/?(?:system|assistant)(?:_prompt)?>|#{2,3} ?(?:system|instruction)s?\b/,
  },
  {
    name: 'role_line',
    words: 'pretends to be a message of the system',
    weight: 0.4,
    pattern: /(?:^|\n) ?(?:system|assistant|developer)(?: (?:message|prompt|note))? ?:/,
  },
  {
    name: 'new_persona',
    words: 'tells a model to be somebody else',
    weight: 0.5,
    pattern:
      /\byou are (?:now|no longer)\b|\b(?:pretend|act) (?:to be|as if|as an?) (?:unrestricted|admin|root|dan|evil|the owner)\b|\b(?:developer|god|dan|jailbreak) mode\b|\bjailbr[eo]a?k/,
  },
  {
    name: 'reveal_prompt',
    words: 'asks for the instructions of a model',
    weight: 0.5,
    pattern:
      /\b(?:reveal|show|print|repeat|output|leak)\b.{0,30}\b(?:system prompt|your (?:instructions|prompt|rules)|hidden (?:prompt|instructions))\b/,
  },
  {
    name: 'reveal_secret',
    words: 'asks for keys, passwords or other secrets',
    weight: 0.6,
    pattern:
      /\b(?:send|give|reveal|show|print|post|tell|exfiltrate)\b.{0,40}\b(?:api[ _-]?keys?|passwords?|seed phrases?|private keys?|secrets?|credentials|bot token)\b/,
  },
  {
    name: 'skip_gate',
    words: 'asks to skip an approval or a check',
    weight: 0.7,
    pattern:
      /\b(?:skip|bypass|avoid|disable|without|no need for)\b.{0,30}\b(?:approvals?|the critic|critique|review|dry[ -]run|human|confirmation)\b|\bskip_approval\b|\bauto[ -]?approve/,
  },
  {
    name: 'claims_approval',
    words: 'claims that it was approved already',
    weight: 0.6,
    pattern:
      /\b(?:owner|operator|admin|ceo|boss)s? (?:has |have )?(?:already )?(?:approved|confirmed|authori[sz]ed|agreed)\b|\b(?:already|pre)[ -]?(?:approved|authori[sz]ed)\b/,
  },
  {
    name: 'claims_verdict',
    words: 'claims a verdict of the critic',
    weight: 0.6,
    pattern:
      /\bcritic(?:'s)? ?(?:verdict|score|result)? ?[:=] ?(?:pass|1\b|9\/9|ok)|"?(?:policy_compliance|risk_flags|pass)"? ?: ?(?:1|true)\b|\b(?:give|rate|score) (?:it|this|me)\b.{0,20}\b(?:9\/9|full marks|maximum score|10\/10)/,
  },
  {
    name: 'tier_claim',
    words: 'tries to set its own tier',
    weight: 0.5,
    pattern: /\b(?:set|change|use|treat).{0,20}\b(?:tier|risk)\b.{0,15}\bt[0-2]\b|\btier ?["':=]{1,3} ?"?t[0-2]\b/,
  },
  {
    name: 'tool_call',
    words: 'imitates the call of a tool',
    weight: 0.5,
    pattern: /"(?:tool_calls?|function_call|tool|function)" ?: ?[{["]|<(?:tool_call|function_calls?|invoke)\b/,
  },
  {
    name: 'exfiltration_link',
    words: 'asks to put data into a link',
    weight: 0.5,
    pattern: /!\[.{0,100}\]\(\s?https?:\/\/.{0,300}[?&][\w-]{1,30}=|\b(?:append|add|include|encode)\b.{0,40}\bto the (?:url|link|query)\b/,
  },
  {
    name: 'addresses_the_model',
    words: 'speaks to a model instead of a person',
    weight: 0.4,
    pattern:
      /\b(?:dear|attention|note to|hey|hello),? (?:ai|llm|assistant|language model|chatgpt|gpt|claude|model|agent)\b|\bif you are an? (?:ai|llm|language model|assistant|agent)\b/,
  },
  { name: 'encoded_block', words: 'has a long block that nobody can read', weight: 0.3, pattern: /(?<![a-z0-9+/])[a-z0-9+/]{200}/ },
];

const HIDDEN_WEIGHTS = { tag: 0.8, bidi: 0.5, invisible: 0.3, variation_selector: 0.2, control: 0.2, lone_surrogate: 0.1 } as const;

const WORDS = new Map(SIGNALS.map(({ name, words }) => [name, words]));

/** What a text with this signal does, for people. */
export const describeSignal = (name: string): string =>
  WORDS.get(name) ?? (name.startsWith('hidden_') ? 'hides characters' : name.replaceAll('_', ' '));

export function screenInjection(text: string): InjectionScreening {
  const folded = fold(text);
  const found = SIGNALS.filter(({ pattern }) => pattern.test(folded)).map(({ name, weight }) => ({ name, weight }));
  const hidden = [...new Set(findHiddenCharacters(text).map(({ kind }) => kind))].map((kind) => ({
    name: `hidden_${kind}`,
    weight: HIDDEN_WEIGHTS[kind],
  }));
  const all = [...found, ...hidden];
  // Independent hints: each leaves the rest of the doubt.
  const doubt = all.reduce((rest, { weight }) => rest * (1 - weight), 1);
  return { score: Math.round((1 - doubt) * 100) / 100, signals: all.map(({ name }) => name) };
}

/** Cyrillic and Greek letters that look Latin; only in words that also have Latin letters, so that Russian stays Russian. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  е: 'e',
  к: 'k',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  ԁ: 'd',
  ѵ: 'v',
  α: 'a',
  ε: 'e',
  ι: 'i',
  ο: 'o',
  ρ: 'p',
  υ: 'u',
  ν: 'v',
  κ: 'k',
  τ: 't',
};

function fold(text: string): string {
  const visible = text
    .replace(/[\p{Cf}\u115f\u1160\u3164]|\p{Variation_Selector}|\u034f/gu, '')
    .normalize('NFKC')
    .toLowerCase();
  return visible
    .replace(/[^\S\n]+/g, ' ')
    .replace(/[a-zа-яіјѕԁѵα-ω]+/g, (word) =>
      /[a-z]/.test(word) ? word.replace(/[^a-z]/g, (letter) => LOOK_ALIKES[letter] ?? letter) : word,
    );
}
