# The target node_api: Node-API's headers and settings.
# cmake-js passes the include directories; plain CMake asks Node for them.

if(NOT CMAKE_JS_INC)
  find_program(NODE node)
  mark_as_advanced(NODE)
  foreach(package node-api-headers node-addon-api)
    execute_process(
      COMMAND ${NODE} -p "require('${package}').include_dir"
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      OUTPUT_VARIABLE directory OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE status ERROR_QUIET)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "Node-API's headers were not found. Install the package again, or run npm ci in a clone.")
    endif()
    list(APPEND CMAKE_JS_INC ${directory})
  endforeach()
endif()

add_library(node_api INTERFACE)
target_include_directories(node_api SYSTEM INTERFACE ${CMAKE_JS_INC})

# An addon built for Node-API 10 crashes Node 20 when it is loaded; version 9 works from Node 20 on.
# While a thread is being terminated every call into JavaScript fails, and node-addon-api would abort
# the process because it cannot make an Error of that.
target_compile_definitions(node_api INTERFACE
  NAPI_VERSION=9
  NODE_ADDON_API_CPP_EXCEPTIONS_ALL
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)

if(APPLE)
  # Node's symbols are in the program that loads the addon.
  target_link_options(node_api INTERFACE -undefined dynamic_lookup)
endif()
