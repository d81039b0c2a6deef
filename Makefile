# One file, wildcards, no recursion.  `make` builds the three programs into build/.
#   make all check soak oom mutants bench bench-queue fuzz fmt man install DESTDIR= PREFIX=    (SANITIZE=1: into build/san/)
PREFIX   ?= /usr/local
SYSCONF  ?= /etc
CC       ?= cc
CFLAGS   ?= -O2 -g
BUILD    := $(if $(SANITIZE),build/san,build)
VERSION  := 0.1.0
schema   := $(words $(wildcard sql/migrations/*.sql))

LIBS     := libpq libcurl readline libcjson yaml-0.1 libmicrohttpd smartcols libutf8proc libcrypto \
            xlsxwriter zlib
cflags   := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wformat=2 -Werror \
            -Wno-missing-field-initializers -Werror=format-security \
            -Ilib -Icmd -D_GNU_SOURCE -DSHOP_VERSION='"$(VERSION)"' \
            -DSHOP_SCHEMA=$(schema) -include base/banned.h \
            $(shell pkg-config --cflags $(LIBS)) -pthread -MMD -MP
ldflags  := -pthread
ifdef SANITIZE
cflags   += -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer -DSHOP_TESTS
ldflags  += -fsanitize=address,undefined
else
cflags   += -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
            $(if $(findstring -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2)
ldflags  += -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
endif
ldlibs   := $(shell pkg-config --libs $(LIBS)) -lcsv -lm

base     := $(wildcard lib/base/*.c)
lib      := $(base) $(wildcard lib/db/*.c lib/domain/*.c lib/adapters/*.c)
programs := $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c))
obj       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
libshop  := $(BUILD)/libshop.a
tests    := $(patsubst tests/unit/%_test.c,$(BUILD)/tests/%_test,$(wildcard tests/unit/*_test.c))
sims     := $(patsubst tests/sim/%/main.c,$(BUILD)/%,$(wildcard tests/sim/*/main.c))
pages    := $(patsubst man/%.in,$(BUILD)/man/%,$(wildcard man/*.in))
fuzzers  := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
benches  := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

all: $(programs:%=$(BUILD)/%)
.PHONY: all tests check soak oom mutants bench bench-queue fuzz fmt man install clean

tests: all $(tests) $(sims) $(benches)

check:
	./scripts/test

SECONDS  ?= 600
soak:
	./scripts/soak $(SECONDS)

oom: all
	./tests/sim/oom/run

mutants:
	./tests/sim/mutants/run

bench: tests
	./tests/bench/run

# Against another queue of the day, which npm fetches into a scratch folder.
bench-queue: tests
	BENCH_PEER=1 ./tests/bench/run queue queue_peer

# The schema's number is compiled in: another migration makes everything anew.
$(BUILD)/schema.$(schema):
	@mkdir -p $(@D)
	@rm -f $(BUILD)/schema.* && touch $@

$(BUILD)/obj/%.o: %.c Makefile $(BUILD)/schema.$(schema)
	@mkdir -p $(@D)
	$(CC) $(cflags) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# The SQL travels inside the programs, so that `shopctl migrate up` needs no files.
$(BUILD)/sql.c: scripts/embed $(wildcard sql/*.sql sql/*/*.sql)
	@mkdir -p $(@D)
	./scripts/embed >$@.new && mv $@.new $@

$(call obj,cmd/shop-httpd/openapi.c): cmd/shop-httpd/openapi.json

$(BUILD)/sql.o: $(BUILD)/sql.c
	$(CC) $(cflags) $(CFLAGS) -c -o $@ $<

$(libshop): $(call obj,$(lib)) $(BUILD)/sql.o
	@rm -f $@
	ar rcs $@ $^

define program
$(BUILD)/$(1): $(call obj,$(wildcard cmd/$(1)/*.c)) $(libshop)
	$(CC) $(ldflags) $(LDFLAGS) -o $$@ $$^ $(ldlibs)
endef
$(foreach p,$(programs),$(eval $(call program,$(p))))

# What simulators of providers share is in tests/sim/provider.
$(BUILD)/obj/tests/sim/%.o: cflags += -Itests/sim
define simulator
$(BUILD)/$(1): $(call obj,$(wildcard tests/sim/$(1)/*.c)) \
		$(if $(filter %-sim,$(1)),$(call obj,$(wildcard tests/sim/provider/*.c))) $(libshop)
	$(CC) $(ldflags) $(LDFLAGS) -o $$@ $$^ $(ldlibs)
endef
$(foreach s,$(filter-out %/world,$(sims)),$(eval $(call simulator,$(notdir $(s)))))

# The simulated world runs the worker's code and the providers' in its own process; these
# have nouns of the same names, so each shows only what the world uses.
houses := $(patsubst %.symbols,$(BUILD)/%.o,$(notdir $(wildcard tests/sim/world/house/*.symbols)))
$(houses): $(BUILD)/%.o: tests/sim/world/house/%.symbols \
		$(call obj,tests/sim/world/house/house.c tests/sim/world/house/%.c \
			$(wildcard tests/sim/provider/*.c))
	ld -r -o $@.all $(filter %.o,$^)
	objcopy --keep-global-symbols=$(filter %.symbols,$^) $@.all $@
$(foreach h,$(houses),$(eval $(h): $(call obj,$(wildcard tests/sim/$(basename $(notdir $(h)))-sim/*.c))))

$(BUILD)/world: $(call obj,$(wildcard tests/sim/world/*.c)) $(houses) \
		$(call obj,$(filter-out %/main.c,$(wildcard cmd/shop-worker/*.c))) $(libshop)
	$(CC) $(ldflags) $(LDFLAGS) -o $@ $^ $(ldlibs)

$(BUILD)/tests/%_test: $(BUILD)/obj/tests/unit/%_test.o $(BUILD)/obj/tests/unit/test.o $(libshop)
	@mkdir -p $(@D)
	$(CC) $(ldflags) $(LDFLAGS) -o $@ $^ $(ldlibs) -lcmocka

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(libshop)
	@mkdir -p $(@D)
	$(CC) $(ldflags) $(LDFLAGS) -o $@ $^ $(ldlibs)

# Prose from man/, options and commands from the programs themselves.
man: $(pages)

$(BUILD)/man/%: man/%.in scripts/man $(programs:%=$(BUILD)/%)
	@mkdir -p $(@D)
	./scripts/man $< $(BUILD) >$@.new && mv $@.new $@

to       := $(DESTDIR)$(PREFIX)
install: all man
	install -d $(to)/bin $(to)/sbin $(to)/lib/systemd/system $(to)/lib/sysusers.d
	install -d $(to)/share/man/man1 $(to)/share/man/man5 $(to)/share/man/man8
	install -m 755 $(BUILD)/shopctl $(to)/bin
	install -m 755 $(BUILD)/shop-worker $(BUILD)/shop-httpd $(to)/sbin
	for n in 1 5 8; do install -m 644 $(BUILD)/man/*.$$n $(to)/share/man/man$$n || exit; done
	install -m 644 config/sysusers.d/shop.conf $(to)/lib/sysusers.d
	for f in config/systemd/*; do \
		sed 's#/usr/local/#$(PREFIX)/#' $$f >$(BUILD)/unit && \
		install -m 644 $(BUILD)/unit $(to)/lib/systemd/system/$${f##*/} || exit; done
	install -d $(to)/share/shop
	install -m 644 config/alerts/shop.rules.yaml config/grafana/shop.json $(to)/share/shop
	install -d $(DESTDIR)$(SYSCONF)/shop/conf.d
	[ -e $(DESTDIR)$(SYSCONF)/shop/shop.yaml ] || \
		install -m 644 config/shop.yaml $(DESTDIR)$(SYSCONF)/shop

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(libshop)
	@mkdir -p $(@D)
	$(CC) $(ldflags) $(LDFLAGS) -o $@ $^ $(ldlibs)

# Mutations of each file in tests/fuzz/NAME/, from a seed; best with SANITIZE=1.
# `make fuzz SECONDS=300`: each for so long, by libFuzzer where there is clang.
FUZZ_TIMES ?= 2000
FUZZ_SEED  ?= 1
fuzz: $(if $(filter command line,$(origin SECONDS)),,$(fuzzers))
ifeq ($(origin SECONDS),command line)
	@./scripts/fuzz $(SECONDS)
else
	@set -e; for f in $(notdir $(fuzzers)); do \
		echo "$$f: $$($(BUILD)/fuzz/$$f $(FUZZ_TIMES) $(FUZZ_SEED) tests/fuzz/$$f/*)"; done
endif

fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
