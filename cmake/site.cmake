# Makes the page part of the program: every file of web/dist, plain and gzipped, by .incbin. Run as a
# script at build time: cmake -D DIST=web/dist -D OUT=folder -P site.cmake writes OUT/site_files.{S,cc}.
file(GLOB_RECURSE files RELATIVE ${DIST} ${DIST}/*)
list(SORT files)
set(assembly "    .section .rodata\n")
set(externs "")
set(table "")
set(index 0)
foreach(file IN LISTS files)
  execute_process(COMMAND gzip -9 -n -c ${DIST}/${file} OUTPUT_FILE ${OUT}/${index}.gz
                  COMMAND_ERROR_IS_FATAL ANY)
  string(APPEND assembly "    .global site_${index}, site_${index}_end, site_${index}_gz, site_${index}_gz_end\n"
    "site_${index}: .incbin \"${DIST}/${file}\"\nsite_${index}_end: .byte 0\n"
    "site_${index}_gz: .incbin \"${OUT}/${index}.gz\"\nsite_${index}_gz_end: .byte 0\n")
  string(APPEND externs
    "extern \"C\" const char site_${index}[], site_${index}_end[], site_${index}_gz[], site_${index}_gz_end[];\n")
  string(APPEND table
    "      {\"/${file}\", {site_${index}, site_${index}_end}, {site_${index}_gz, site_${index}_gz_end}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND assembly "    .section .note.GNU-stack,\"\",@progbits\n")
file(WRITE ${OUT}/site_files.S "${assembly}")
file(WRITE ${OUT}/site_files.cc "#include \"doors/site/site.h\"\n\n${externs}\nnamespace duliang {\n\n"
  "std::span<const SiteFile> site_files() {\n  static const SiteFile kFiles[] = {\n${table}  };\n"
  "  return kFiles;\n}\n\n}  // namespace duliang\n")
