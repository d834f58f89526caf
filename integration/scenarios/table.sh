# table.sh - compare the answers that `on` left in OUT/scenarios with what was expected (sourced after common.sh)
_answer() { echo "$OUT/scenarios/$1/$2.answer"; }
ours_only() { sed -n 1,5p "$INT/scenarios/$1/script" | grep -q "^# ours"; }
as_expected() { [ $1 = systemd ] && ours_only "$2" || cmp -s "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")"; }				# VARIANT NAME
difference() { diff "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")" 2>&1 | grep '^[<>d]' | head -n 24; }	# VARIANT NAME
_same_lines() { # VARIANT NAME
	if [ "$1" = systemd ] && ours_only "$2"; then echo "not its version"; return; fi
	if [ ! -e "$(_answer "$1" "$2")" ]; then echo "no answer"; return; fi
	echo $(($(wc -l <"$INT/scenarios/$2/expect") - $(diff "$INT/scenarios/$2/expect" "$(_answer "$1" "$2")" | grep -c '^<')))
}
table_row() { # NAME
	_lines=$(wc -l <"$INT/scenarios/$1/expect")
	printf '%s | %s/%s | %s/%s\n' "$1" "$(_same_lines systemd "$1")" "$_lines" "$(_same_lines sysmaster "$1")" "$_lines"
}
