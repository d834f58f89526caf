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
{
	printf '[Unit]\nDefaultDependencies=no\n'
	names | sed 's/^/After=/'
} >/etc/systemd/system/all-units.target
$CTL daemon-reload || echo "== daemon-reload failed"
$CTL start all-units.target || echo "== start failed"
echo "== show"
names | xargs $CTL show --no-pager -- 2>&1
[ $CTL = sctl ] || { echo "== filters"; systemd-analyze syscall-filter; }
if [ $CTL = sctl ]; then
	echo "== verify"
	sctl verify 2>&1
	echo "== status $?"
	echo "== verify --user"
	sctl verify --user 2>&1
	echo "== status $?"
fi
