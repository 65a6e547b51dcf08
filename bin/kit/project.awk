# project.awk, after xml.awk: what a Visual Studio project (.vcxproj, or the
# older .vcproj) compiles: lines of "source", "define", "include", "def",
# "standard" and "unicode", a tab, and the value. Of several configurations the first that
# names something counts.
function on_open(name,    value)
{
    if (name == "ClCompile" && "Include" in A) {
        say("source", A["Include"])
    }
    else if (name == "File" && A["RelativePath"] ~ /\.(cpp|cc|cxx|c)$/) {
        say("source", A["RelativePath"])
    }
    else if (name == "Tool" && A["Name"] == "VCCLCompilerTool") {
        several("define", A["PreprocessorDefinitions"])
        several("include", A["AdditionalIncludeDirectories"])
    }
    else if (name == "Tool" && A["ModuleDefinitionFile"] != "") {
        say("def", A["ModuleDefinitionFile"])
    }
    else if (name == "Configuration" && A["CharacterSet"] == 1) {
        say("unicode", "yes")
    }
}

function on_text(text)
{
    if (stack[depth] == "PreprocessorDefinitions") {
        several("define", text)
    }
    else if (stack[depth] == "AdditionalIncludeDirectories") {
        several("include", text)
    }
    else if (stack[depth] == "ModuleDefinitionFile") {
        say("def", text)
    }
    else if (stack[depth] == "LanguageStandard" && sub(/^stdcpp/, "", text)) {
        say("standard", text == "latest" ? 20 : text)
    }
    else if (stack[depth] == "CharacterSet" && text ~ /Unicode/) {
        say("unicode", "yes")
    }
}

function on_close(name) { }
function on_end() { }

function several(what, list,    n, i, part)
{
    n = split(list, part, ";")
    for (i = 1; i <= n; i++) {
        gsub(/["\r\n\t ]/, "", part[i])
        # $(Macros), %(inherited), what is somewhere on a Windows disk, and
        # the choice between a debug and a release build.
        if (part[i] != "" && part[i] !~ /[$%(]|^[A-Za-z]:|^N?_?DEBUG$/) {
            say(what, part[i])
        }
    }
}

function say(what, value)
{
    gsub(/\\/, "/", value)
    sub(/^\.\//, "", value)
    if (value ~ /[$%(]/ || ((what, value) in said)) {
        return
    }
    if (what ~ /^(def|standard|unicode)$/) {
        if (what in once) {
            return
        }
        once[what] = 1
    }
    said[what, value] = 1
    print what "\t" value
}
