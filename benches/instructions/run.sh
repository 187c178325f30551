#!/usr/bin/env bash
# Counts the instructions of the hot kernels under valgrind and fails if one takes over 5 % more than
# counts.txt says. Other than seconds, counts hardly depend on what else the machine does; they do
# depend on the compiler, the processor's instruction set and the C library.
#
#     benches/instructions/run.sh                # compare all kernels with counts.txt
#     benches/instructions/run.sh --write        # count all and write counts.txt
#     benches/instructions/run.sh fit_bg_nbd     # compare these kernels
#
# Needs valgrind with callgrind; without it nothing is counted and nothing fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

table=benches/instructions/counts.txt
write=no
if [[ ${1:-} == --write ]]; then
    write=yes
    shift
    (($# == 0)) || { printf 'instructions: --write takes no kernels\n' >&2; exit 2; }
fi
if ! command -v valgrind >/dev/null; then
    printf 'instructions: skipped, valgrind is not installed\n'
    exit 0
fi

built=$(cargo bench --quiet --bench instructions --no-run --message-format json)
[[ $built =~ \"executable\":\"([^\"]*/instructions-[^\"]*)\" ]] || { printf 'instructions: cargo names no program\n' >&2; exit 1; }
program=${BASH_REMATCH[1]}
compiler="$(rustc --version), $(rustc --print host-tuple)"

# The instructions of one kernel, without those that make its data.
count() {
    local said
    said=$(valgrind --tool=callgrind --toggle-collect='*counted_kernel*' --callgrind-out-file=/dev/null \
        "$program" "$1" 2>&1)
    [[ $said =~ Collected\ :\ ([0-9]+) && ${BASH_REMATCH[1]} != 0 ]] || {
        printf 'instructions: no count for %s\n%s\n' "$1" "$said" >&2
        return 1
    }
    printf '%s\n' "${BASH_REMATCH[1]}"
}

if [[ $write == yes ]]; then
    counted="# $compiler"
    for kernel in $("$program" --list); do
        now=$(count "$kernel")
        line=$(printf '%-30s %12d' "$kernel" "$now")
        printf '%s\n' "$line"
        counted+=$'\n'$line
    done
    printf '%s\n' "$counted" >"$table"
    exit
fi

[[ -f $table ]] || { printf 'instructions: there is no %s yet; --write makes it\n' "$table" >&2; exit 1; }
made=$(sed -n '1s/^# //p' "$table")
[[ $made == "$compiler" ]] || printf 'instructions: %s is of %s, this is %s\n' "$table" "$made" "$compiler"
failed=no
kernels=$*
for kernel in ${kernels:-$("$program" --list)}; do
    now=$(count "$kernel")
    before=$(awk -v kernel="$kernel" '$1 == kernel { print $2 }' "$table")
    if [[ -z $before ]]; then
        verdict="not in $table"
        failed=yes
    else
        verdict=$(awk -v a="$before" -v b="$now" 'BEGIN { printf "%+.2f %%", 100 * (b / a - 1) }')
        if ((now * 100 > before * 105)); then
            verdict+=", more than 5 %"
            failed=yes
        fi
    fi
    printf '%-30s %12d %s\n' "$kernel" "$now" "$verdict"
done
[[ $failed == no ]]
