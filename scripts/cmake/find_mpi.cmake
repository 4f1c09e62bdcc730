# find_mpi(openmpi|mpich) makes the target mpi_<flavor>, or nothing where that MPI is not installed.
#
# CMake's own FindMPI finds one MPI per configure; here both may be wanted at once. Looked for in
# this order:
#   1. -DMPI_OPENMPI_MPICC=… or -DMPI_MPICH_MPICC=…
#   2. mpicc.openmpi or mpicc.mpich, as Debian names them
#   3. pkg-config: ompi-c or mpich
#   4. plain mpicc, if its mpi.h is of that flavor

find_package(PkgConfig QUIET)

function(find_mpi flavor)
  string(TOUPPER MPI_${flavor}_MPICC chosen)
  if(${chosen})
    mpi_flags_from_wrapper(${flavor} "${${chosen}}" flags)
    if(NOT flags)
      message(FATAL_ERROR "${${chosen}} is not a working compiler wrapper of ${flavor}.")
    endif()
  else()
    find_program(mpicc_of_${flavor} mpicc.${flavor})
    find_program(mpicc_of_any mpicc)
    mark_as_advanced(mpicc_of_${flavor} mpicc_of_any)
    mpi_flags_from_wrapper(${flavor} "${mpicc_of_${flavor}}" flags)
    if(NOT flags)
      mpi_flags_from_pkg_config(${flavor} flags)
    endif()
    if(NOT flags)
      mpi_flags_from_wrapper(${flavor} "${mpicc_of_any}" flags)
    endif()
  endif()

  if(flags)
    message(STATUS "MPI ${flavor}: ${flags}")
    mpi_target(${flavor} "${flags}")
  endif()
endfunction()

# What `mpicc -show` would run, without the compiler's name; empty unless this wrapper's mpi.h is of
# that flavor. The header is asked because a wrapper can be installed without it. Every descendant
# of MPICH defines MPICH_VERSION.
function(mpi_flags_from_wrapper flavor mpicc result)
  set(macro_of_openmpi OPEN_MPI)
  set(macro_of_mpich MPICH_VERSION)
  set(flags "")
  if(mpicc)
    execute_process(COMMAND ${mpicc} -E -dM -include mpi.h -x c /dev/null
      OUTPUT_VARIABLE macros ERROR_QUIET)
    execute_process(COMMAND ${mpicc} -show
      OUTPUT_VARIABLE command ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(macros MATCHES "#define ${macro_of_${flavor}} ")
      separate_arguments(flags UNIX_COMMAND "${command}")
      list(POP_FRONT flags)
    endif()
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

function(mpi_flags_from_pkg_config flavor result)
  set(module_of_openmpi ompi-c)
  set(module_of_mpich mpich)
  set(flags "")
  if(PKG_CONFIG_FOUND)
    execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --cflags --libs ${module_of_${flavor}}
      OUTPUT_VARIABLE answer ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(flags UNIX_COMMAND "${answer}")
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# Of the flags only what finds the headers and the MPI library itself is taken: a wrapper may carry
# its distribution's own compiler options, and mpich.pc names libraries whose development packages
# may be absent.
function(mpi_target flavor flags)
  set(target mpi_${flavor})
  add_library(${target} INTERFACE)
  # Without these mpi.h includes the C++ bindings that MPI 3 removed.
  target_compile_definitions(${target} INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)

  foreach(flag IN LISTS flags)
    if(flag MATCHES "^-I(.+)")
      target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_MATCH_1})
    elseif(flag MATCHES "^-L(.+)")
      target_link_directories(${target} INTERFACE ${CMAKE_MATCH_1})
    elseif(flag MATCHES "^-lmpi(ch|_.+)?$")
      # Kept as a flag: without -l, mpich would name the addon's own target.
      target_link_libraries(${target} INTERFACE ${flag})
    endif()
  endforeach()
endfunction()
