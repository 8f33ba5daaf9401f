# How a Salus target is declared. Flags live on targets, libraries come in as SYSTEM, sources are
# listed by name.

set(SALUS_WARNINGS
    -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Wundef -Wvla)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND SALUS_WARNINGS -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast)
else()
  list(APPEND SALUS_WARNINGS -Wthread-safety)
endif()

set(SALUS_FOLDERS base crypto wire state dao ledger consensus mempool sync replica storage upkeep net queries rpc
    client node)

function(salus_flags target)
  target_compile_options(${target} PRIVATE ${SALUS_WARNINGS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src
                                               ${PROJECT_SOURCE_DIR}/include)
  if(SALUS_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${SALUS_SANITIZE} -fno-omit-frame-pointer
                                            -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${SALUS_SANITIZE})
  endif()
endfunction()

# Our folders are named by folder (base, crypto, ...); everything else is a library's target.
function(salus_link target visibility)
  foreach(dependency IN LISTS ARGN)
    if(dependency IN_LIST SALUS_FOLDERS OR dependency STREQUAL "proto"
       OR dependency STREQUAL "proto_grpc")
      target_link_libraries(${target} ${visibility} salus_${dependency})
    else()
      target_link_libraries(${target} ${visibility} ${dependency})
    endif()
  endforeach()
endfunction()

# salus_precompiled(<target> [HEART]): the target's sources start from cmake/precompiled.h, compiled once for
# all targets with the same flags (the heart has its own: no exceptions).
function(salus_precompiled target)
  if(NOT SALUS_PRECOMPILE)
    return()
  endif()
  set(shared salus_precompiled)
  if("HEART" IN_LIST ARGN)
    set(shared salus_precompiled_heart)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${shared})
endfunction()

function(salus_precompiled_header name)
  set(empty ${CMAKE_BINARY_DIR}/${name}.cc)
  file(WRITE ${empty}.new "")
  file(COPY_FILE ${empty}.new ${empty} ONLY_IF_DIFFERENT)
  add_library(${name} OBJECT ${empty})
  # As salus_flags() does: a header compiled with other flags is refused.
  target_compile_options(${name} PRIVATE ${SALUS_WARNINGS} ${ARGN})
  if(SALUS_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${SALUS_SANITIZE} -fno-omit-frame-pointer
                                           -fno-sanitize-recover=all)
  endif()
  target_link_libraries(${name} PUBLIC salus_proto)
  target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
endfunction()

# salus_module(<folder> [HEART] SOURCES a.cc ... [PUBLIC dep ...] [PRIVATE dep ...])
# HEART: part of the deterministic heart, compiled without exceptions.
function(salus_module name)
  cmake_parse_arguments(arg "HEART" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(salus_${name} STATIC ${arg_SOURCES})
  salus_flags(salus_${name})
  salus_link(salus_${name} PUBLIC ${arg_PUBLIC})
  salus_link(salus_${name} PRIVATE ${arg_PRIVATE})
  if(arg_HEART)
    target_compile_options(salus_${name} PRIVATE -fno-exceptions)
  endif()
endfunction()

# salus_program(<name> SOURCES a.cc ... LINK dep ...)
function(salus_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  salus_flags(${name})
  salus_link(${name} PRIVATE ${arg_LINK})
endfunction()

# salus_test(<name> [LABELS l ...] SOURCES a.cc ... LINK dep ...)
# One binary a folder; every TEST is a ctest of its own.
function(salus_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  salus_flags(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE SALUS_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             SALUS_BINARY_DIR="${CMAKE_BINARY_DIR}")
  salus_link(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gtest_main)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
