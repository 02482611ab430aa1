import { findPolicy } from '../store/policies.ts';
import type { Rpc } from '../store/rpc.ts';

/** The policy file of this process, as the database took it. */
export interface PolicyFile {
  fileChecksum: string;
  /** The version that this very file was, when it was in force before. */
  earlierVersion: number | null;
}

/** Whether the file is what is in force now; people change that while the program runs. As any role. */
export async function listPolicyWarnings(rpc: Rpc, { fileChecksum, earlierVersion }: PolicyFile): Promise<string[]> {
  const inForce = await findPolicy(rpc);
  if (inForce === null || inForce.checksum === fileChecksum) return [];
  const { policyVersion } = inForce;
  return earlierVersion === null
    ? [
        `The policy file differs from policy version ${policyVersion} in force and was not applied; an owner can propose it by /policy propose file.`,
      ]
    : [`The policy file is what policy version ${earlierVersion} was; version ${policyVersion} is in force.`];
}
