#!/bin/sh
# Stands in for the RISC-V kernel compiler on a mock board, where kernels are compiled and never run.
# Builtins only: ttnn calls it several times for each new op, and a process started here would cost more than all else.
output=
dependencies=
is_link=yes
while [ $# -gt 0 ]; do
    case "$1" in
        --version)
            echo "bringup stand-in 1: makes empty kernels for a mock board"
            exit 0
            ;;
        -o)
            output=$2
            shift
            ;;
        -MF)
            dependencies=$2
            shift
            ;;
        -c)
            is_link=
            ;;
        -x)
            [ "$2" = c++-header ] && is_link=
            shift
            ;;
    esac
    shift
done
[ -n "$output" ] || exit 0
# ttnn hashes the files that a kernel depends on: one that exists has to be named.
if [ -n "$dependencies" ]; then
    echo "$output: $0" >"$dependencies" || exit 1
elif [ -z "$is_link" ]; then
    echo "$output: $0" >"${output%.o}.d" || exit 1
fi
if [ -z "$is_link" ]; then
    : >"$output"
    exit
fi
# An ELF32 little-endian RISC-V executable: one instruction of text, one word of data, a relocation, a symbol.
{
    printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\363\0\1\0\0\0\0\20\0\0004\0\0\0\344\0\0\0\0\0\0\0004\0 \0\2\0(\0\7'
    printf '\0\6\0\1\0\0\0t\0\0\0\0\20\0\0\0\20\0\0\4\0\0\0\4\0\0\0\5\0\0\0\4\0\0\0\1\0\0\0x\0\0\0\0 \0\0\4\20\0\0'
    printf '\4\0\0\0\4\0\0\0\6\0\0\0\4\0\0\0\23\0\0\0\0\0\0\0\0\20\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
    printf '\0\0\1\0\0\0\0\20\0\0\4\0\0\0\22\0\1\0\0_start\0\0.text\0.data\0.rela.text\0.symtab\0.strtab\0.shstrt'
    printf 'ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0'
    printf '\0\6\0\0\0\0\20\0\0t\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\7\0\0\0\1\0\0\0\3\0\0\0\0 \0\0x\0\0'
    printf '\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\15\0\0\0\4\0\0\0@\0\0\0\0\0\0\0|\0\0\0\14\0\0\0\4\0\0\0\1\0'
    printf '\0\0\4\0\0\0\14\0\0\0\30\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\210\0\0\0 \0\0\0\5\0\0\0\1\0\0\0\4\0\0\0\20\0\0'
    printf '\0 \0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\250\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0(\0\0\0\3\0\0\0\0'
    printf '\0\0\0\0\0\0\0\260\0\0\0002\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0'
} >"$output"
