/** Findings about the mpiexec commands on PATH: which have an addon, and which addons have one. */

import { implementationNames, implementations } from '../../../addon/implementation.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import { packages, type FoundMpiexec } from '../../find_mpiexecs.js';

/** Reports the mpiexec commands that exist, and which is missing for an addon that is here. */
export function mpiexecFindings(facts: Facts): Finding[] {
  const { mpiexecs, launcher, addons } = facts;
  const found = mpiexecs.map((mpiexec) => describe(mpiexec, facts));
  if (launcher.size > 0) return found;
  const missing = implementations.filter(
    (implementation) =>
      addons.some((addon) => addon.implementation === implementation && addon.exists) &&
      !mpiexecs.some((mpiexec) => mpiexec.implementation === implementation),
  );
  const lost = missing.map((implementation) =>
    finding(
      'mpiexec',
      'warning',
      `An addon is built for ${implementationNames[implementation]}, but its mpiexec is not on PATH`,
      `Add its directory to PATH, load its module, or install it (Debian, Ubuntu: apt-get install ${packages[implementation]})`,
      implementation,
    ),
  );
  if (mpiexecs.length > 0 || missing.length > 0) return [...found, ...lost];
  return [
    finding('mpiexec', 'warning', 'No mpiexec on PATH', 'Install an MPI, or load its module'),
  ];
}

function describe({ paths, implementation, version }: FoundMpiexec, { addons }: Facts): Finding {
  const where = paths.join(', ');
  if (implementation === null) {
    return finding(
      'mpiexec',
      'note',
      `${where}: of an MPI that this package does not know`,
      'There are addons for Open MPI, and for MPICH and MPIs based on it (Intel MPI, MVAPICH)',
    );
  }
  const text = `${where}: of ${implementationNames[implementation]}${version === '' ? '' : ` ${version}`}`;
  const addon = addons.find(
    (one) => one.implementation === implementation || one.implementation === null,
  );
  if (addon?.exists === true || addon?.implementation === null)
    return finding('mpiexec', 'ok', text, null, implementation);
  return finding(
    'mpiexec',
    'note',
    `${text}, for which no addon is built`,
    'Run npx mpi-futures build: it says what is missing for that',
    implementation,
  );
}
