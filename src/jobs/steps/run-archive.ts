import { sha256, toCanonicalJson } from '../../domain/ids.ts';
import { completeStep } from '../../store/steps.ts';
import type { StepRun } from './step-run.ts';

/** Copies what the task made to Storage, with a manifest of checksums as its own output. */
export async function runArchive({ deps, work, holder, signal }: StepRun) {
  const { step, task } = work;
  const rows = work.made ?? [];
  await Promise.all(rows.map((row) => deps.artifacts.archive(row, signal)));
  const manifest = rows.map(({ storageRef, checksum, type, sizeBytes, contentType, madeBy, createdAt }) => ({
    storage_ref: storageRef,
    checksum,
    type,
    size_bytes: sizeBytes,
    content_type: contentType,
    made_by: madeBy,
    created_at: createdAt,
  }));
  const artifact = await deps.artifacts.prepare(
    {
      taskId: task.taskId,
      name: 'manifest.json',
      type: 'archive',
      contentType: 'application/json',
      // As bytes, so that it goes to Storage at once: nothing comes after it that would copy it there.
      bytes: Buffer.from(toCanonicalJson({ task_id: task.taskId, artifacts: manifest })),
    },
    signal,
  );
  return completeStep(deps.rpc, {
    stepId: step.stepId,
    fence: step.fence,
    inputHash: sha256(toCanonicalJson(manifest)),
    isRehearsal: false,
    holder,
    artifacts: [artifact],
  });
}
