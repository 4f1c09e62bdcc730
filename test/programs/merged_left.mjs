// Spawns processes, merges with them, makes more from that, and gives nothing up.
import { COMM_WORLD, getParent } from 'mpi-futures/mpi';

const parent = await getParent();
const others = parent ?? (await COMM_WORLD.spawn(process.execPath, [process.argv[1]], 2));
const all = await others.merge(parent !== null);
const copy = await all.dup();
const half = await copy.split(copy.rank % 2);
const sum = await half.allreduce(1);
if (all.rank === 0) console.log(all.size, sum);
