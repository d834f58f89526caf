# packages.sh - put the packages' files into the running system, have them read, show every unit; "== TEXT" begins a part
cp -an /packages/. / 2>/dev/null
rm -rf /packages
rm -rf /usr/lib/sysmaster/system	# what we have in place of systemd's: the packages' files are compared
names() { # unit names of the search path; a template as its instance "test"
	for f in $(ls /usr/lib/systemd/system /etc/systemd/system | sort -u); do
		case $f in
		*.service | *.socket | *.target | *.timer | *.path | *.mount | *.automount | *.slice | *.swap) echo "$f" | sed 's/@\./@test./' ;;
		esac
	done
}
# systemd forgets a unit that nothing refers to, and with it what it said of others: an active unit that names all keeps all
names | sed '1i [Unit]\nDefaultDependencies=no
s/^/After=/' >/tmp/all-units
mv /tmp/all-units /etc/systemd/system/all-units.target
$CTL daemon-reload || echo "== daemon-reload failed"
$CTL start all-units.target || echo "== start failed"
echo "== show"
names | xargs $CTL show --no-pager -- 2>&1
if [ $CTL = systemctl ]; then
	echo "== filters"
	systemd-analyze syscall-filter
	echo "== dump"	# what show cannot print
	systemd-analyze dump | grep -E '^-> Unit |^.(Condition|Assert)[A-Z]|^.WatchdogSec:'
	echo "== analyze"
	names | xargs systemd-analyze verify --man=no --recursive-errors=yes 2>&1
fi
if [ $CTL = sctl ]; then
	echo "== verify"
	sctl verify 2>&1
	echo "== status $?"
	echo "== verify --user"
	sctl verify --user 2>&1
	echo "== status $?"
fi
