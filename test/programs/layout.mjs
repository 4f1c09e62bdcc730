/** True if all executors share the workers that mpiexec has started; false if each spawns its own. */
export const isShared = Number(process.env.OMPI_COMM_WORLD_SIZE ?? process.env.PMI_SIZE ?? 1) > 1;
