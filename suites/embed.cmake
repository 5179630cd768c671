# Writes OUTPUT: the definition of ShippedSuites() with the text of all suites
# below FOLDER.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.yaml)
list(SORT files)
set(entries "")
foreach(file ${files})
  file(READ ${FOLDER}/${file} text)
  string(APPEND entries
    "      {\"${file}\", R\"PERFRIG(${text})PERFRIG\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from suites/. Do not edit.
#include \"server/suites/shipped.h\"

namespace perfrig::suites {

const std::vector<ShippedSuite>& ShippedSuites() {
  static const auto& suites = *new std::vector<ShippedSuite>{
${entries}  };
  return suites;
}

}  // namespace perfrig::suites
")
