/** The variants of the addon: built, loadable, and what library they have found. */

import { flavorNames, flavors } from '../../../mpi/launcher.js';
import type { AddonFile, Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import type { ProbeReport } from '../probe_report.js';
import type { Trial } from '../trials.js';

const howToBuild =
  'Install an MPI with its development files (Debian, Ubuntu: apt-get install libopenmpi-dev openmpi-bin; ' +
  'macOS: brew install open-mpi) and run: npx mpi-futures build';

export function addonFindings(facts: Facts, trials: readonly Trial[]): Finding[] {
  const { addons, launcher } = facts;
  if (addons.every(({ exists }) => !exists)) {
    const named = addons.find(({ flavor }) => flavor === null);
    if (named === undefined) return [finding('addon', 'error', 'No addon is built', howToBuild)];
    const text = `MPI_FUTURES_ADDON names a file that is not there: ${named.file}`;
    return [finding('addon', 'error', text, 'Correct or unset MPI_FUTURES_ADDON')];
  }
  if (launcher.size > 0) return trials.flatMap((trial) => describeLoaded(trial));
  return addons.flatMap((addon) => describe(addon, trials, facts));
}

function describe(
  { flavor, file, exists }: AddonFile,
  trials: readonly Trial[],
  { environment }: Facts,
): Finding[] {
  const name = flavor === null ? 'the MPI of MPI_FUTURES_ADDON' : flavorNames[flavor];
  if (!exists) return [finding('addon', 'note', `Not built for ${name}`, null, flavor)];
  const trial = trials.find(({ addon }) => addon === file);
  if (trial !== undefined) return describeLoaded(trial);
  const { MPI_FUTURES_MPI: chosen = '' } = environment;
  const isChoice = (flavors as readonly string[]).includes(chosen);
  const why = isChoice ? `, and not used: MPI_FUTURES_MPI=${chosen}` : ', but not tried';
  return [finding('addon', 'note', `Built for ${name}${why}`, null, flavor)];
}

/** Of addon and launcher, which is said where the ways are. */
export function isMismatch({ error }: ProbeReport): boolean {
  return error?.code === 'ERR_MPI_LAUNCHER_MISMATCH';
}

function describeLoaded({ mpi, addon, report, failure }: Trial): Finding[] {
  const { library } = report;
  if (isMismatch(report)) return [];
  if (library === undefined) {
    const advice = 'If it was built with another MPI than there is now: npx mpi-futures build';
    return [finding('addon', 'error', failure, advice, mpi)];
  }
  const name = mpi === null ? '' : ` for ${flavorNames[mpi]}`;
  return [
    finding(
      'addon',
      'ok',
      `The addon${name} can be loaded${addon === '' ? '' : `: ${addon}`}`,
      null,
      mpi,
    ),
  ];
}
