import { sha256 } from '../ids.ts';
import type { ArtifactLine, PolicyLine } from './bundle.ts';
import type { OnRecord } from './on-record.ts';

/** A record that says what was made, judged, approved or let out. */
interface NamedContent {
  checksum: string;
  /** Null: the record names the content alone. */
  storageRef: string | null;
  by: string;
}

/** Contents fit to their checksums, and whatever the chain names is in the bundle: the approved post cannot be another one. */
export function checkContents(artifacts: readonly ArtifactLine[], policies: readonly PolicyLine[], records: readonly OnRecord[]): string[] {
  const refs = artifacts.map(({ storage_ref }) => storage_ref);
  return [
    ...artifacts
      .filter(({ content, checksum }) => content !== null && sha256(content) !== checksum)
      .map(({ storage_ref }) => `${storage_ref}: its content does not match its checksum`),
    ...refs.filter((ref, index) => refs.indexOf(ref) !== index).map((ref) => `${ref}: stands in the bundle more than once`),
    ...policies.filter(({ source, checksum }) => sha256(source) !== checksum).map(() => 'the policy does not match its checksum'),
    ...records
      .flatMap(listNamed)
      .filter((named) => !artifacts.some((artifact) => isNamed(artifact, named)))
      .map(
        ({ checksum, storageRef, by }) =>
          `${storageRef ?? 'the content'} with the checksum ${checksum.slice(0, 8)}: ${by} names it, and it is not in the bundle`,
      ),
  ];
}

/** The artifacts that no record names by their checksum. */
export function listUnnamed(artifacts: readonly ArtifactLine[], records: readonly OnRecord[]): string[] {
  const named = records.flatMap(listNamed);
  return artifacts.filter((artifact) => !named.some((item) => isNamed(artifact, item))).map(({ storage_ref }) => storage_ref);
}

const isNamed = (artifact: ArtifactLine, { checksum, storageRef }: NamedContent): boolean =>
  artifact.checksum === checksum && (storageRef === null || artifact.storage_ref === storageRef);

function listNamed({ seq, action, after }: OnRecord): NamedContent[] {
  const [checksum, storageRef] = toNamed(action, after);
  if (typeof checksum !== 'string') return [];
  return [{ checksum, storageRef: typeof storageRef === 'string' ? storageRef : null, by: `record ${seq} (${action})` }];
}

function toNamed(action: string, after: OnRecord['after']): unknown[] {
  if (action === 'task.create') return [after.input_checksum];
  if (action === 'step.complete') return [after.output_checksum, after.output_ref];
  if (action === 'approval.edit') return [after.checksum, after.draft];
  if (action === 'critic.pass') return [after.post_checksum];
  return action.startsWith('approval.') || action === 'effect.grant' ? [after.checksum] : [];
}
