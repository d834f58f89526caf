# packages.sh - put the packages' files into the running system, have them read, show every unit; "== TEXT" begins a part
useradd -m -u 1000 alice 2>/dev/null
us() { runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 $CTL --user "$@"; }
if [ $CTL = systemctl ]; then	# no PAM configuration for it there
	mkdir -p /run/systemd/system/user@.service.d
	printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\n' >/run/systemd/system/user@.service.d/no-pam.conf
	systemctl daemon-reload
fi
$CTL start user@1000.service || echo "== a user's manager does not start"
cp -an /packages/. / 2>/dev/null
rm -rf /packages
names() { # DIRECTORY... - unit names there; a template as its instance "test"
	for f in $(ls "$@" 2>/dev/null | sort -u); do
		case $f in
		*.service | *.socket | *.target | *.timer | *.path | *.mount | *.automount | *.slice | *.swap) echo "$f" | sed 's/@\./@test./' ;;
		esac
	done
}
# systemd forgets a unit that nothing refers to, and with it what it said of others: an active unit that names all keeps all
keep_all() { # FILE DIRECTORY...
	local file=$1; shift
	names "$@" | sed '1i [Unit]\nDefaultDependencies=no
s/^/After=/' >/tmp/all-units
	mkdir -p "${file%/*}"
	mv /tmp/all-units "$file"
}
DUMPED='^-> Unit |^.(Condition|Assert)[A-Z]|^.WatchdogSec:'	# what show cannot print
USER_DIRS="/usr/lib/systemd/user /etc/systemd/user"
keep_all /etc/systemd/user/all-units.target $USER_DIRS
us daemon-reload || echo "== daemon-reload failed"
us start all-units.target || echo "== start failed"
echo "== show user"
names $USER_DIRS | xargs sh -c 'runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 $0 --user show --no-pager -- "$@"' $CTL 2>&1
[ $CTL = sctl ] || { echo "== dump user"; runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 systemd-analyze --user dump | grep -E "$DUMPED"; }
$CTL stop user@1000.service user-runtime-dir@1000.service user-1000.slice
rm -rf /run/systemd/system/user@.service.d

rm -rf /usr/lib/sysmaster/system	# what we have in place of systemd's: the packages' files are compared
DIRS="/usr/lib/systemd/system /etc/systemd/system"
keep_all /etc/systemd/system/all-units.target $DIRS
$CTL daemon-reload || echo "== daemon-reload failed"
$CTL start all-units.target || echo "== start failed"
echo "== show"
names $DIRS | xargs $CTL show --no-pager -- 2>&1
if [ $CTL = systemctl ]; then
	echo "== filters"
	systemd-analyze syscall-filter
	echo "== dump"
	systemd-analyze dump | grep -E "$DUMPED"
	echo "== analyze"
	names $DIRS | xargs systemd-analyze verify --man=no --recursive-errors=yes 2>&1
fi
if [ $CTL = sctl ]; then
	echo "== verify"
	sctl verify 2>&1
	echo "== status $?"
	echo "== verify --user"
	sctl verify --user 2>&1
	echo "== status $?"
fi
