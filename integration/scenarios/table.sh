# table.sh - compare the answers that `on` left in OUT/scenarios with what was expected (sourced after common.sh)
_answer() { echo "$OUT/scenarios/$1/$2.answer"; }
as_expected() { cmp -s "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")"; }				# VARIANT NAME
difference() { diff "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")" 2>&1 | grep '^[<>d]' | head -n 24; }	# VARIANT NAME
_same_lines() { # VARIANT NAME
	if [ ! -e "$(_answer "$1" "$2")" ]; then echo "no answer"; return; fi
	echo $(($(wc -l <"$INT/scenarios/$2/expect") - $(diff "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")" | grep -c '^<')))
}
table_row() { # NAME
	printf '%s | %s/%s | %s/%s\n' "$1" "$(_same_lines systemd "$1")" "$(wc -l <"$INT/scenarios/$1/expect")" "$(_same_lines sysmaster "$1")" "$(wc -l <"$INT/scenarios/$1/expect")"
}
