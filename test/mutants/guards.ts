import type { Mutant } from './mutant.ts';

const AMOUNTS = 'test/policy/amounts.test.ts';
const OUTPUT = 'test/policy/output.test.ts';
const PERSONAL_DATA = 'test/policy/personal-data.test.ts';
const CRITIC = 'src/jobs/steps/run-critic.ts';
const SPEAKER = 'src/bot/speaker.ts';
const SPEAKS = 'test/bot/who-speaks.test.ts';
const LOG = 'test/telemetry/log.test.ts';

/** What texts are looked through for, and what is hidden from models and logs. */
const TEXT_CONTROLS: readonly Mutant[] = [
  {
    control: 'amounts: one that stands in no source is found',
    file: 'src/policy/guards/amounts.ts',
    find: 'if (values.length > 0 && !isKnown && !found.includes(words)) found.push(words);',
    replace: '',
    test: AMOUNTS,
    named: 'an amount that stands in no source is found',
  },
  {
    control: 'amounts: what is found is a red flag',
    file: CRITIC,
    find: ', ...flagUnsourced(input, work)]',
    replace: ']',
    test: 'test/bot/guardrails/limits-and-amounts.test.ts',
    named: 'an amount that stands in no source marks the card',
  },
  {
    control: 'output guard: what is found is a red flag',
    file: CRITIC,
    find: '[...flagDeliverable(post.parts), ',
    replace: '[',
    test: 'test/bot/critic-guards.test.ts',
    named: 'a disguised link sends a post back with the reason',
  },
  {
    control: 'links: those that run something or hide their host are refused',
    file: 'src/policy/guards/output.ts',
    find: "new Set(['scheme', 'user_info', 'unreadable'])",
    replace: 'new Set()',
    test: OUTPUT,
    named: 'a link that runs something',
  },
  {
    control: 'links: only the schemes of the list',
    file: 'src/policy/guards/links.ts',
    find: "...(SCHEMES.has(url.protocol) ? [] : (['scheme'] as const)),",
    replace: '',
    test: OUTPUT,
    named: 'a link that runs something',
  },
  {
    control: 'links: words that name another host are a disguise',
    file: 'src/policy/guards/links.ts',
    find: 'const isDisguised = visibleText !== null && seemsElsewhere(visibleText, url);',
    replace: 'const isDisguised = false;',
    test: OUTPUT,
    named: 'a link that shows another host',
  },
  {
    control: 'bidi: text in another order is refused',
    file: 'src/policy/guards/output.ts',
    find: "new Set(['tag', 'bidi'])",
    replace: "new Set(['tag'])",
    test: OUTPUT,
    named: 'text in another order',
  },
  {
    control: 'hidden characters: taken out before a text is kept',
    file: 'src/policy/guards/output.ts',
    find: '{ kind: null, run: stripHidden },',
    replace: '',
    test: OUTPUT,
    named: 'a zero-width space',
  },
  {
    control: 'injection: orders to a model are named on the card',
    file: CRITIC,
    find: 'noteInjection(input.sources.filter(isFromPeople)),',
    replace: 'null,',
    test: 'test/bot/critic-guards.test.ts',
    named: 'orders to a model in what was sent along are named',
  },
  {
    control: 'prompt: a name cannot end its line or close its mark',
    file: 'src/agents/quote.ts',
    find: 'return JSON.stringify(short).replaceAll(',
    replace: 'return short.replaceAll(',
    test: 'test/agents/quoting.test.ts',
    named: 'keeps names and references on one line without angle brackets',
  },
  {
    control: 'masking: cards by Luhn, order numbers stay',
    file: 'src/policy/guards/checksums.ts',
    find: 'return sum % 10 === 0;',
    replace: 'return true;',
    test: PERSONAL_DATA,
    named: 'stays readable',
  },
  {
    control: 'masking: IBAN by mod 97, other references stay',
    file: 'src/policy/guards/checksums.ts',
    find: 'return remainder === 1;',
    replace: 'return true;',
    test: PERSONAL_DATA,
    named: 'stays readable',
  },
  {
    control: 'masking: in the goal, before it is a row',
    file: 'src/bot/give-task.ts',
    find: 'const masked = maskPersonalData(request.goal);',
    replace: 'const masked = { text: request.goal, vault: {} };',
    test: 'test/bot/give-a-task.test.ts',
    named: 'reach neither rows, events, audit, logs nor the model',
  },
  {
    control: 'masking: in what a model reads',
    file: 'src/jobs/steps/step-input.ts',
    find: 'const masked = maskPersonalData(text, vault);',
    replace: 'const masked = { text, vault };',
    test: 'test/bot/give-a-task.test.ts',
    named: 'in an attached file, in its name, and in what an earlier task left behind',
  },
  {
    control: 'masking: in what a critic says',
    file: CRITIC,
    find: 'comments: redactPersonalData(critique.comments), red_flags: critique.red_flags.map(redactPersonalData)',
    replace: '',
    test: 'test/bot/give-a-task.test.ts',
    named: 'that a model makes up do not reach the rows',
  },
  {
    control: 'masking: in the log',
    file: 'src/telemetry/redact.ts',
    find: 'return mask(shaped);',
    replace: 'return shaped;',
    test: LOG,
    named: 'masks personal data with the mask it was given',
  },
  {
    control: 'masking: secrets in the log',
    file: 'src/telemetry/redact.ts',
    find: 'const known = pattern === null ? text : text.replaceAll(pattern, HIDDEN);',
    replace: 'const known = text;',
    test: LOG,
    named: 'hides known secrets in messages',
  },
  {
    control: 'staged copy: shown as it was judged',
    file: 'src/effects/stage.ts',
    find: "if (result.shown.text !== part.text) return 'the text';",
    replace: '',
    test: 'test/effects/stage.test.ts',
    named: 'another text than was judged',
  },
  {
    control: 'budget: no call without a reservation',
    file: 'src/engines/attempt.ts',
    find: 'costUsd: toCostUsd(most, usdPerMtok) });',
    replace: "costUsd: toCostUsd(most, usdPerMtok) }).catch(() => ({ reservationId: 'none' }));",
    test: 'test/engines/stop-at-the-budget.test.ts',
    named: 'that is used up stops a call before it is made',
  },
];

/** Who speaks. */
const SPEAKER_CONTROLS: readonly Mutant[] = [
  {
    control: 'speaker: an anonymous admin is nobody',
    file: SPEAKER,
    find: "if (from?.id === GROUP_ANONYMOUS_BOT || senderChat?.id === message.chat.id) return nobody('anonymous');",
    replace: '',
    test: SPEAKS,
    named: 'an anonymous admin',
  },
  {
    control: 'speaker: a channel is nobody',
    file: SPEAKER,
    find: "if (from === undefined || from.id === CHANNEL_BOT || senderChat !== undefined) return nobody('channel');",
    replace: "if (from === undefined) return nobody('channel');",
    test: SPEAKS,
    named: 'a person behind whom a channel stands',
  },
  {
    control: 'speaker: what is forwarded is no command',
    file: SPEAKER,
    find: "if (message.forward_origin !== undefined) return nobody('forward');",
    replace: '',
    test: SPEAKS,
    named: 'what a person forwards',
  },
  {
    control: 'speaker: a bot is nobody',
    file: SPEAKER,
    find: "if (from.is_bot) return nobody('bot');",
    replace: '',
    test: SPEAKS,
    named: 'another bot',
  },
  {
    control: 'speaker: what comes by way of a bot is no command',
    file: SPEAKER,
    find: "if (message.via_bot !== undefined) return nobody('via_bot');",
    replace: '',
    test: SPEAKS,
    named: 'what came by way of a bot',
  },
  {
    control: 'strangers: one polite answer, and no command',
    file: 'src/bot/dispatch.ts',
    find: 'if (person.roles.length === 0 && !isForAnybody) await greetStranger(deps.rpc, person, reply);',
    replace: 'if (false) await greetStranger(deps.rpc, person, reply);',
    test: 'test/bot/bad-input.test.ts',
    named: 'strangers get one polite answer, whatever they send',
  },
];

export const GUARD_CONTROLS: readonly Mutant[] = [...TEXT_CONTROLS, ...SPEAKER_CONTROLS];
