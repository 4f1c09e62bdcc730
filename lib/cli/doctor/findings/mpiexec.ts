/** The launchers on PATH, and whether there is an addon for each and one for each addon. */

import { flavorNames, flavors } from '../../../mpi/launcher.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import { packages, type FoundMpiexec } from '../../mpiexecs.js';

export function mpiexecFindings(facts: Facts): Finding[] {
  const { mpiexecs, launcher, addons } = facts;
  const found = mpiexecs.map((mpiexec) => describe(mpiexec, facts));
  if (launcher.size > 0) return found;
  const missing = flavors.filter(
    (flavor) =>
      addons.some((addon) => addon.flavor === flavor && addon.exists) &&
      !mpiexecs.some((mpiexec) => mpiexec.flavor === flavor),
  );
  const lost = missing.map((flavor) =>
    finding(
      'mpiexec',
      'warning',
      `No mpiexec of ${flavorNames[flavor]} on PATH, for which an addon is built`,
      `Add its directory to PATH, load its module, or install it (Debian, Ubuntu: apt-get install ${packages[flavor]})`,
      flavor,
    ),
  );
  if (mpiexecs.length > 0 || missing.length > 0) return [...found, ...lost];
  return [
    finding('mpiexec', 'warning', 'No mpiexec on PATH', 'Install an MPI, or load its module'),
  ];
}

function describe({ paths, flavor, version }: FoundMpiexec, { addons }: Facts): Finding {
  const where = paths.join(', ');
  if (flavor === null) {
    return finding(
      'mpiexec',
      'note',
      `${where}: of an MPI that is not known here`,
      'There are addons for Open MPI, and for MPICH and what is built on it (Intel MPI, MVAPICH)',
    );
  }
  const text = `${where}: of ${flavorNames[flavor]}${version === '' ? '' : ` ${version}`}`;
  const addon = addons.find((one) => one.flavor === flavor || one.flavor === null);
  if (addon?.exists === true || addon?.flavor === null)
    return finding('mpiexec', 'ok', text, null, flavor);
  return finding(
    'mpiexec',
    'note',
    `${text}, for which no addon is built`,
    'Install the development files of this MPI, and run: npx mpi-futures build',
    flavor,
  );
}
