/** Findings about the variants of the addon: which are built, which can be loaded, and which library each has found. */

import { implementationNames, isImplementation } from '../../../addon/implementation.js';
import type { FoundAddon, Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import type { ProbeReport } from '../probe_report.js';
import type { Trial } from '../trials.js';

const howToBuild =
  'Install an MPI with its development files (Debian, Ubuntu: apt-get install libopenmpi-dev openmpi-bin; ' +
  'macOS: brew install open-mpi) and run: npx mpi-futures build';

/** Reports addons that are missing or could not be loaded. */
export function addonFindings(facts: Facts, trials: readonly Trial[]): Finding[] {
  const { addons, launcher } = facts;
  if (addons.every(({ exists }) => !exists)) {
    const named = addons.find(({ implementation }) => implementation === null);
    if (named === undefined) return [finding('addon', 'error', 'No addon is built', howToBuild)];
    const text = `MPI_FUTURES_ADDON names a file that is not there: ${named.file}`;
    return [finding('addon', 'error', text, 'Correct or unset MPI_FUTURES_ADDON')];
  }
  if (launcher.size > 0) return trials.flatMap((trial) => describeLoaded(trial));
  const isAnyThere = trials.some(({ report }) => report.library !== undefined);
  return addons.flatMap((addon) => describe(addon, trials, facts, isAnyThere));
}

function describe(
  { implementation, file, exists, isPrebuilt }: FoundAddon,
  trials: readonly Trial[],
  { environment }: Facts,
  isAnyThere: boolean,
): Finding[] {
  const name =
    implementation === null ? 'the MPI of MPI_FUTURES_ADDON' : implementationNames[implementation];
  if (!exists) return [finding('addon', 'note', `Not built for ${name}`, null, implementation)];
  const trial = trials.find(({ addon }) => addon === file);
  const isMissing = trial?.report.error?.code === 'ERR_MPI_NOT_FOUND';
  if (isPrebuilt && isMissing && isAnyThere) {
    const text = `${name} is not installed; there is a prebuilt addon for it`;
    return [finding('addon', 'note', text, null, implementation)];
  }
  if (trial !== undefined) return describeLoaded(trial, isPrebuilt);
  const { MPI_FUTURES_MPI: chosen = '' } = environment;
  const why = isImplementation(chosen)
    ? `, and not used: MPI_FUTURES_MPI=${chosen}`
    : ', but not tried';
  const made = isPrebuilt ? 'Prebuilt' : 'Built';
  return [finding('addon', 'note', `${made} for ${name}${why}`, null, implementation)];
}

/** True if addon and launcher do not match, which the findings about the ways to start report. */
export function isMismatch({ error }: ProbeReport): boolean {
  return error?.code === 'ERR_MPI_LAUNCHER_MISMATCH';
}

function describeLoaded({ mpi, addon, report, failure }: Trial, isPrebuilt = false): Finding[] {
  const { library, addon: loaded = addon, isPrebuilt: isLoadedPrebuilt = isPrebuilt } = report;
  if (isMismatch(report)) return [];
  if (library === undefined) {
    // The message of an error already says what to do.
    const advice =
      isPrebuilt || report.error !== undefined
        ? null
        : 'If it was built with another MPI than there is now: npx mpi-futures build';
    return [finding('addon', 'error', failure, advice, mpi)];
  }
  const name = mpi === null ? '' : ` for ${implementationNames[mpi]}`;
  const made = isLoadedPrebuilt ? ', prebuilt in the package' : '';
  const where = loaded === '' ? '' : `: ${loaded}`;
  const text = `The addon${name}${made} can be loaded${where}`;
  return [finding('addon', 'ok', text, null, mpi)];
}
