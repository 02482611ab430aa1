import { approve } from './approve.ts';
import { audit } from './audit.ts';
import { breakglass } from './breakglass.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { delegate } from './delegate.ts';
import { drill } from './drill.ts';
import { enrol } from './enrol.ts';
import { makeHelp } from './help.ts';
import { limits } from './limits.ts';
import { link } from './link.ts';
import { policy } from './policy.ts';
import { resume } from './resume.ts';
import { role } from './role.ts';
import { rules } from './rules.ts';
import { runbook } from './runbook.ts';
import { makeStart } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { task } from './task.ts';
import { tasks } from './tasks.ts';
import { why } from './why.ts';

/** Every command, in the order in which menus and /help show them. */
export const COMMANDS: readonly Command[] = [
  task,
  tasks,
  status,
  limits,
  why,
  approve,
  rules,
  policy,
  cancel,
  stop,
  resume,
  breakglass,
  drill,
  runbook,
  audit,
  role,
  link,
  delegate,
  enrol,
  makeHelp(() => COMMANDS),
  makeStart(() => COMMANDS),
];

export function findCommandByName(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
