/** Findings about the Node.js of this process. */

import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

const oldest = [20, 19] as const;

/** Reports if this Node.js is new enough. */
export function nodeFindings({ nodeVersion }: Facts): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  const text = `Node.js ${nodeVersion}`;
  return isOld
    ? [finding('node', 'error', text, `Use Node.js ${oldest.join('.')} or later`)]
    : [finding('node', 'ok', text)];
}
