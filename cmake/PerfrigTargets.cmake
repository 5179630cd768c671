# One CMake target a folder; the list after DEPS says what it may see.

add_library(perfrig_options INTERFACE)
target_include_directories(perfrig_options INTERFACE
  ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(perfrig_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wno-unused-parameter
  -fno-omit-frame-pointer -g1 -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_link_libraries(perfrig_options INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(perfrig_options INTERFACE
    -Wthread-safety -Werror=thread-safety
    "$<$<BOOL:${PERFRIG_PCH}>:SHELL:-Xclang -fno-pch-timestamp>")
else()
  # GCC 12 sees phantoms inside inlined std::string and protobuf code.
  target_compile_options(perfrig_options INTERFACE
    -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds)
endif()

# Sanitized: optimised enough to be quick, plain enough to be read.
set(CMAKE_CXX_FLAGS_SANITIZED "-O1")
set(CMAKE_EXE_LINKER_FLAGS_SANITIZED "")
set(CMAKE_SHARED_LINKER_FLAGS_SANITIZED "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(PERFRIG_SANITIZE)
  add_compile_options(-fsanitize=${PERFRIG_SANITIZE}
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PERFRIG_SANITIZE})
endif()
if(PERFRIG_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(PERFRIG_PCH)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/pch.cc CONTENT "")
  # Two precompiled headers, shared by all targets that link the library.
  add_library(pch_protobuf OBJECT ${CMAKE_BINARY_DIR}/generated/pch.cc)
  target_link_libraries(pch_protobuf
    PRIVATE perfrig_options protobuf::libprotobuf absl::statusor)
  target_precompile_headers(pch_protobuf PRIVATE
    <google/protobuf/message.h> <google/protobuf/map.h>
    <google/protobuf/dynamic_message.h>
    <google/protobuf/generated_message_reflection.h>
    <google/protobuf/unknown_field_set.h>
    <absl/status/statusor.h> <absl/time/time.h> <absl/strings/str_cat.h>
    <functional> <map> <memory> <string> <vector>)
  if(PERFRIG_GRPC)
    add_library(pch_grpc OBJECT ${CMAKE_BINARY_DIR}/generated/pch.cc)
    target_link_libraries(pch_grpc PRIVATE perfrig_options gRPC::grpc++)
    target_precompile_headers(pch_grpc PRIVATE
      <grpcpp/grpcpp.h> <grpcpp/support/client_callback.h>
      <google/protobuf/message.h> <google/protobuf/map.h>
      <google/protobuf/generated_message_reflection.h>
      <absl/status/statusor.h> <absl/time/time.h> <absl/strings/str_cat.h>
      <functional> <map> <memory> <string> <vector>)
  endif()
endif()

# What clang-tidy has to find before it can read anything: targets that make
# headers add themselves.
add_custom_target(generated_sources)

# Shares the precompiled header KIND (protobuf, grpc) with TARGET.
function(perfrig_pch target kind)
  if(PERFRIG_PCH AND kind)
    target_precompile_headers(${target} REUSE_FROM pch_${kind})
  endif()
endfunction()

# perfrig_library(NAME SRCS a.cc … DEPS lib … [PCH protobuf|grpc])
function(perfrig_library name)
  cmake_parse_arguments(ARG "" "PCH" "SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS})
    target_link_libraries(${name} PUBLIC perfrig_options ${ARG_DEPS})
    perfrig_pch(${name} "${ARG_PCH}")
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE perfrig_options ${ARG_DEPS})
  endif()
endfunction()

# perfrig_binary(NAME SRCS main.cc … DEPS lib … [PCH …])
function(perfrig_binary name)
  cmake_parse_arguments(ARG "" "PCH" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE perfrig_options ${ARG_DEPS})
  perfrig_pch(${name} "${ARG_PCH}")
endfunction()

# perfrig_test(NAME SRCS a_test.cc … DEPS lib … [PCH …] [LABELS …] [WHOLE])
# One binary; ctest sees each case by its name. WHOLE: it sees one test, because
# what the cases share takes long to start.
function(perfrig_test name)
  cmake_parse_arguments(ARG "SERIAL;WHOLE" "PCH;TIMEOUT" "SRCS;DEPS;LABELS"
    ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(NOT ARG_LABELS)
    # An empty value would swallow the name of the next property.
    set(ARG_LABELS unit)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name}
    PRIVATE perfrig_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  perfrig_pch(${name} "${ARG_PCH}")
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
      LABELS "${ARG_LABELS}" RUN_SERIAL ${ARG_SERIAL})
    return()
  endif()
  # Parameters by their names: values may print as bytes and addresses.
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    RUN_SERIAL ${ARG_SERIAL})
endfunction()

# perfrig_fuzz(NAME SRCS … DEPS …): replays its corpus, tests/fuzz/corpus/NAME,
# as a test; `make fuzz` runs it for longer.
function(perfrig_fuzz name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  if(NOT PERFRIG_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE perfrig_options ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME fuzz.${name}
    COMMAND ${name} -runs=0 ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
