# find_mpi(openmpi|mpich|standard) makes the target mpi_<abi>, or nothing where no MPI with that binary
# interface is installed.
#
# CMake's own FindMPI finds one MPI per configure; here several may be wanted at once. Looked for in
# this order:
#   1. -DMPI_OPENMPI_MPICC=…, -DMPI_MPICH_MPICC=… or -DMPI_STANDARD_MPICC=…
#   2. mpicc.openmpi or mpicc.mpich, as Debian names them; mpicc_abi, as MPI 5 does
#   3. pkg-config: ompi-c or mpich
#   4. plain mpicc, if its mpi.h is of that interface
# and for the standard one, beside the other interface of the same library:
#   5. mpicc -mpi-abi, of MPICH 5
#   6. standard_abi/mpi.h below the headers of Open MPI 6
# -DMPI_OPENMPI_INCLUDE=…, -DMPI_MPICH_INCLUDE=… or -DMPI_STANDARD_INCLUDE=…, the folder of its mpi.h,
# goes before all of them where no library is looked for (MPI_FUTURES_SONAME).

find_package(PkgConfig QUIET)

# What mpi.h defines. Every descendant of MPICH defines MPICH_VERSION; Open MPI 6 defines
# MPI_ABI_VERSION, too, as -1, where it is not the standard's.
set(mark_of_openmpi "#define OPEN_MPI ")
set(mark_of_mpich "#define MPICH_VERSION ")
set(mark_of_standard "#define MPI_ABI_VERSION +[1-9]")

set(wrappers_of_openmpi mpicc.openmpi mpicc)
set(wrappers_of_mpich mpicc.mpich mpicc)
set(wrappers_of_standard mpicc_abi mpicc)

set(module_of_openmpi ompi-c)
set(module_of_mpich mpich)

function(find_mpi abi)
  string(TOUPPER MPI_${abi}_MPICC chosen)
  string(TOUPPER MPI_${abi}_INCLUDE headers)
  if(${headers})
    set(flags -I${${headers}})
  elseif(${chosen})
    mpi_flags_from_wrapper(${abi} "${${chosen}}" flags)
    if(NOT flags)
      message(FATAL_ERROR "${${chosen}} is not a working compiler wrapper of ${abi}.")
    endif()
  else()
    list(GET wrappers_of_${abi} 0 own)
    mpi_flags_from_program(${abi} ${own} flags)
    if(NOT flags)
      mpi_flags_from_pkg_config(${abi} flags)
    endif()
    if(NOT flags)
      mpi_flags_from_program(${abi} mpicc flags)
    endif()
    if(NOT flags AND abi STREQUAL "standard")
      mpi_flags_from_program(standard mpicc.mpich flags -mpi-abi)
    endif()
    if(NOT flags AND abi STREQUAL "standard")
      mpi_flags_beside_openmpi(flags)
    endif()
  endif()

  if(flags)
    message(STATUS "MPI ${abi}: ${flags}")
    mpi_target(${abi} "${flags}")
  endif()
endfunction()

# The same as of a wrapper, for one that is looked for on PATH.
function(mpi_flags_from_program abi name result)
  string(MAKE_C_IDENTIFIER path_of_${name} variable)
  find_program(${variable} ${name})
  mark_as_advanced(${variable})
  mpi_flags_from_wrapper(${abi} "${${variable}}" flags ${ARGN})
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# What `mpicc -show` would run, without the compiler's name; empty unless this wrapper's mpi.h is of
# that interface. The header is asked because a wrapper can be installed without it. A compiler that
# is no wrapper but knows MPI itself, as Cray's cc, has no -show: it says what it runs by -###.
function(mpi_flags_from_wrapper abi mpicc result)
  set(flags "")
  if(mpicc)
    execute_process(COMMAND ${mpicc} ${ARGN} -E -dM -include mpi.h -x c /dev/null
      OUTPUT_VARIABLE macros ERROR_QUIET)
    execute_process(COMMAND ${mpicc} ${ARGN} -show
      OUTPUT_VARIABLE command ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      execute_process(COMMAND ${mpicc} ${ARGN} -\#\#\# -x c /dev/null
        OUTPUT_QUIET ERROR_VARIABLE command)
      # One command after another, with the folders of headers as words of their own.
      string(REGEX REPLACE "[ \"']-I[\"']? " " -I" command "${command}")
    endif()
    if(macros MATCHES "${mark_of_${abi}}")
      separate_arguments(flags UNIX_COMMAND "${command}")
      list(POP_FRONT flags)
      list(REMOVE_DUPLICATES flags)
      list(FILTER flags INCLUDE REGEX "^-([ILl]|DMPI_ABI)")
    endif()
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

function(mpi_flags_from_pkg_config abi result)
  set(flags "")
  if(PKG_CONFIG_FOUND AND module_of_${abi})
    execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --cflags --libs ${module_of_${abi}}
      OUTPUT_VARIABLE answer ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(flags UNIX_COMMAND "${answer}")
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

function(mpi_flags_beside_openmpi result)
  mpi_flags_from_program(openmpi mpicc.openmpi flags)
  if(NOT flags)
    mpi_flags_from_program(openmpi mpicc flags)
  endif()
  set(standard "")
  foreach(flag IN LISTS flags)
    if(flag MATCHES "^-I(.+)" AND EXISTS "${CMAKE_MATCH_1}/standard_abi/mpi.h")
      list(APPEND standard "-I${CMAKE_MATCH_1}/standard_abi" -lmpi_abi)
    elseif(flag MATCHES "^-L")
      list(APPEND standard ${flag})
    endif()
  endforeach()
  if(NOT "-lmpi_abi" IN_LIST standard)
    set(standard "")
  endif()
  set(${result} "${standard}" PARENT_SCOPE)
endfunction()

# Of the flags only what finds the headers and the MPI library itself is taken: a wrapper may carry
# its distribution's own compiler options, and mpich.pc names libraries whose development packages
# may be absent. It is the shared library: Debian has the static one of MPICH's standard ABI before it.
function(mpi_target abi flags)
  set(target mpi_${abi})
  add_library(${target} INTERFACE)
  # Without these mpi.h includes the C++ bindings that MPI 3 removed.
  target_compile_definitions(${target} INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)

  set(CMAKE_FIND_LIBRARY_SUFFIXES ${CMAKE_SHARED_LIBRARY_SUFFIX})
  set(folders "${flags}")
  list(FILTER folders INCLUDE REGEX "^-L.+")
  list(TRANSFORM folders REPLACE "^-L" "")

  foreach(flag IN LISTS flags)
    if(flag MATCHES "^-I(.+)")
      target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_MATCH_1})
    elseif(flag MATCHES "^-D(MPI_ABI.*)") # MPICH 5 has one mpi.h, which is the standard's where MPI_ABI is defined
      target_compile_definitions(${target} INTERFACE ${CMAKE_MATCH_1})
    elseif(flag MATCHES "^-l(mpi(ch|_.+)?)$" AND NOT MPI_FUTURES_SONAME)
      set(name ${CMAKE_MATCH_1})
      find_library(${abi}_${name} ${name} HINTS ${folders})
      mark_as_advanced(${abi}_${name})
      if(${abi}_${name})
        target_link_libraries(${target} INTERFACE ${${abi}_${name}})
      endif()
    endif()
  endforeach()

  if(MPI_FUTURES_SONAME)
    empty_library(mpi_library_of_others ${MPI_FUTURES_SONAME})
    target_link_libraries(${target} INTERFACE mpi_library_of_others)
  endif()
endfunction()

# What an addon can be linked to in place of an MPI library that has this name: of it nothing but the name goes into the addon. So
# one machine links for MPIs and processors that it does not have.
function(empty_library target soname)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
  file(WRITE ${source} "")
  add_library(${target} SHARED ${source})
  set_target_properties(${target} PROPERTIES NO_SONAME ON LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  target_link_options(${target}
    PRIVATE -nostdlib -Wl,-soname,${soname}
    INTERFACE -Wl,--no-as-needed)
endfunction()
