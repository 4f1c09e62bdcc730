/** Makes all findings from facts and trials. */

import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import { addonFindings } from './findings/addon.js';
import { hostFindings } from './findings/hosts.js';
import { launcherFindings } from './findings/launcher.js';
import { libraryFindings } from './findings/library.js';
import { mpiexecFindings } from './findings/mpiexec.js';
import { nodeFindings } from './findings/node.js';
import { peerMemoryFindings } from './findings/peer_memory.js';
import { rootFindings } from './findings/root.js';
import { slotFindings } from './findings/slots.js';
import { variableFindings } from './findings/variables.js';
import { cannotSpawn, wayFindings } from './findings/ways.js';
import type { Trial } from './trials.js';

/** The findings from facts alone, before MPI is started. */
export function findingsOfFacts(facts: Facts): Finding[] {
  const all = [
    nodeFindings,
    launcherFindings,
    hostFindings,
    rootFindings,
    variableFindings,
    peerMemoryFindings,
    mpiexecFindings,
  ];
  return all.flatMap((findingsOf) => findingsOf(facts));
}

/** The findings from the trials. */
export function findingsOfTrials(facts: Facts, trials: readonly Trial[]): Finding[] {
  const firsts = trials.filter(
    ({ mpi }, index) => trials.findIndex((trial) => trial.mpi === mpi) === index,
  );
  const spawning = trials.filter(
    (trial) =>
      !cannotSpawn(trial) &&
      facts.srunPlugin === undefined &&
      (trial.way === 'spawned' || (trial.way === 'here' && facts.launcher.size === 1)),
  );
  return [
    ...addonFindings(facts, trials),
    ...libraryFindings(facts, firsts),
    ...slotFindings(facts, spawning),
    ...wayFindings(facts, trials),
  ];
}
