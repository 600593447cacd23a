# duliang_module(name FILES … TESTS … LIBS …) makes the room `name` a static library that links the
# rooms which rooms.txt allows it, and nothing else; TESTS become `name_test`. A folder of a room with a
# library of its own is written as part of it: duliang_module(base_sim IN base FILES …).
file(STRINGS ${CMAKE_SOURCE_DIR}/rooms.txt room_lines REGEX "^[a-z]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rooms.txt)
set(DULIANG_ROOMS "")
foreach(line IN LISTS room_lines)
  string(REGEX MATCH "^[a-z]+" room "${line}")
  string(REGEX REPLACE "^[a-z]+: *" "" uses "${line}")
  separate_arguments(uses)
  list(APPEND DULIANG_ROOMS ${room})
  set(DULIANG_USES_${room} ${uses})
endforeach()

# With sanitizers most of a build's time would be optimising what runs for a moment: so only the rooms in
# which the tests spend their time are optimised. Each kind has precompiled headers of its own, and those
# of tests have GoogleTest in them.
set(DULIANG_HOT base base_sim model sqlite sqlite_sim journal ledger series)
function(duliang_compile target)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  set(headers_of base)
  if(DULIANG_SANITIZE AND target IN_LIST DULIANG_HOT)
    target_compile_options(${target} PRIVATE -O1)
  elseif(target MATCHES "_test$")
    set(headers_of base_test)
  elseif(DULIANG_SANITIZE)
    set(headers_of plain_headers)
  endif()
  if(target STREQUAL "base_test")
    target_precompile_headers(base_test PRIVATE ${CMAKE_SOURCE_DIR}/src/base/pch.h <gtest/gtest.h>)
  elseif(NOT target STREQUAL headers_of)
    target_precompile_headers(${target} REUSE_FROM ${headers_of})
  endif()
endfunction()

# A report names three callers of whoever allocated: more of them at each allocation are a fifth of the
# time of all tests. For more, run a test by hand.
function(duliang_test_properties name timeout)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout}
                       ENVIRONMENT "ASAN_OPTIONS=malloc_context_size=3")
endfunction()

function(duliang_module name)
  cmake_parse_arguments(M "" "IN" "FILES;TESTS;LIBS;TEST_LIBS" ${ARGN})
  add_library(${name} STATIC ${M_FILES})
  duliang_compile(${name})
  set(room ${name})
  if(M_IN)
    set(room ${M_IN})
    target_link_libraries(${name} PUBLIC ${room})
  endif()
  if(NOT room STREQUAL "base")
    target_link_libraries(${name} PUBLIC base)
  endif()
  target_link_libraries(${name} PUBLIC ${DULIANG_USES_${room}} ${M_LIBS})
  if(DULIANG_TESTS AND M_TESTS)
    add_executable(${name}_test ${M_TESTS})
    duliang_compile(${name}_test)
    target_link_libraries(${name}_test PRIVATE ${name} base_sim ${M_TEST_LIBS} GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    duliang_test_properties(${name} 300)
  endif()
endfunction()
