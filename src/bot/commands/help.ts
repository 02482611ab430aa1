import { bold, code, fmt, italic, lines, type Rich, toView } from '../view.ts';
import { COMMAND_GROUPS, type Command, mayUse } from './command.ts';

export function makeHelp(listCommands: () => readonly Command[]): Command {
  return {
    name: 'help',
    group: 'About',
    description: 'The commands that you may use, with examples',
    usage: '/help',
    example: '/help',
    roles: 'anyone',
    async run({ asker, reply }) {
      const usable = listCommands().filter((command) => mayUse(command, asker.roles));
      const sections = COMMAND_GROUPS.flatMap((group) =>
        toSection(
          group,
          usable.filter((command) => command.group === group),
        ),
      );
      const note = usable.some(({ group }) => group === 'Decisions') && 'The buttons on a card do the same as deciding by its reference.';
      const strange = asker.roles.length === 0 && 'You have no role here, so this is all. An owner gives roles.';
      await reply(toView(lines([...sections, note, strange])));
    },
  };
}

function toSection(group: string, commands: readonly Command[]): (Rich | string)[] {
  if (commands.length === 0) return [];
  return [bold(group), ...commands.flatMap(toLines), ''];
}

/** Only what this person may use is listed, so nothing here says who else may. */
function toLines({ usage, description, example }: Command): Rich[] {
  return [fmt`${code(usage)} ${description}.`, ...(example === usage ? [] : [fmt`    ${italic(example)}`])];
}
