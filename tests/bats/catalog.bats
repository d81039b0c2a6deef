# The catalog by hand: products, variants, categories, brands, suppliers.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 --country NL
	shopctl warehouse create BER-1 --country DE
	shopctl product import "$ROOT/tests/data/catalog.csv"
}

teardown_file() { shop_down; }

field() { shopctl product show "$1" --format json | jq -c "$2"; }

@test "a product is made, sold when it is published, and never again when archived" {
	run -0 shopctl product create 'Garden Chair' --sku CHAIR-1 brand=lumen category=home tags=oak,wood attribute.wood=oak
	run -0 shopctl product show CHAIR-1 --format json
	run -0 jq -c '[.handle, .brand, .category, .tags, .status, .attributes, .variants[0].sellable]' <<<"$output"
	assert_output '["garden-chair","Lumen","home",["oak","wood"],"draft",{"wood":"oak"},false]'
	run -4 shopctl product publish garden-chair
	assert_output --partial published_product_has_a_price
	run -4 shopctl product variant add garden-chair CHAIR-2 --price 89.00EUR
	assert_output --partial variant_options_are_unique
	shopctl product variant add garden-chair CHAIR-2 --option Seat=Wide --price 89.00EUR
	shopctl product variant set CHAIR-1 options=Narrow
	shopctl product publish garden-chair
	assert_equal "$(field garden-chair '[.options, [.variants[] | .options[0], .sellable]]')" '[["Seat"],["Narrow",true,"Wide",true]]'
}

@test "a product with a price is published, and its variants are what is sold" {
	run -0 shopctl product create Stool --sku STOOL --price 19.90EUR
	assert_equal "$(field STOOL '.variants[0] | [.prices, .sellable]')" '["19.90 EUR",false]'
	shopctl product publish stool
	assert_equal "$(field STOOL '[.status, .variants[0].sellable]')" '["active",true]'
	shopctl product variant archive STOOL
	assert_equal "$(field STOOL '.variants[0] | [.sellable, .archived]')" '[false,true]'
	shopctl product archive stool
	shopctl product variant restore STOOL
	assert_equal "$(field STOOL '[.status, .variants[0].sellable]')" '["archived",false]'
	shopctl product restore stool
	assert_equal "$(field STOOL .status)" '"draft"'
	run -4 shopctl product create Stool --sku OTHER
	assert_output --partial product_handle_is_unique
	run -4 shopctl product create 'Another' --sku STOOL
	assert_output --partial variant_sku_is_unique
	run -3 shopctl product show another
}

@test "many change at once, only what differs, and a dry run changes nothing" {
	run -0 --separate-stderr shopctl product set --where brand=walkwell add_tags=sale,dogs --dry-run --format json
	assert_equal "$(jq '[.items[].changed] | all' <<<"$output")" true
	assert_equal "$(field dog-leash .tags)" '["dogs"]'
	shopctl product set --where brand=walkwell add_tags=sale,dogs type=Walk
	assert_equal "$(field dog-leash '[.tags, .type, .version]')" '[["dogs","sale"],"Walk",2]'
	assert_equal "$(field bird-cage .tags)" '["birds","sale","dogs"]'
	run -0 shopctl product set --where brand=walkwell add_tags=sale --format json
	assert_equal "$(jq '[.items[].changed] | any' <<<"$output")" false
	shopctl product set bird-cage remove_tags=sale,dogs
	assert_equal "$(field bird-cage .tags)" '["birds"]'
	run -65 shopctl product set dog-leash colour=red
	assert_output --partial change_is_readable
	run -65 shopctl product set type=x
	assert_output --partial products_are_chosen
	run -65 shopctl product set dog-leash --where brand=x type=y
	run -65 shopctl product set --where brnd=x type=y
	assert_output --partial where_is_readable
	run -3 shopctl product set dog-leash brand=nobody
	assert_output --partial 'shopctl brand create'
}

@test "who changes what somebody else changed meanwhile is told" {
	version=$(field cat-food .version)
	shopctl product set CAT-400G title='Cat Food' type=Wet --if-version "$version"
	run -4 shopctl product set cat-food type=Dry --if-version "$version"
	assert_output --partial product_version_is_current
	assert_equal "$(field cat-food .type)" '"Wet"'
}

@test "a title shows in the variants, what it was in the history" {
	shopctl product set t-shirt title='Best T-Shirt' --reason 'new label'
	assert_equal "$(field t-shirt '.variants[1].title')" '"Best T-Shirt - M"'
	shopctl product variant set TEE-M weight=200 cost=4.40EUR attribute.fit=slim barcode=
	run -0 shopctl product history t-shirt --format json
	run -0 jq -c '.items[] | [.object, .action, .reason, .before, .after]' <<<"$output"
	assert_output '["variant:TEE-M","set",null,{"cost":420,"weight":185,"attributes":{}},{"cost":440,"weight":200,"attributes":{"fit":"slim"}}]
["product:t-shirt","set","new label",{"title":"Shop T-Shirt"},{"title":"Best T-Shirt"}]'
	run -65 shopctl product variant set TEE-M weight=heavy
	run -65 shopctl product variant set TEE-M cost=4
	run -65 shopctl product variant add t-shirt TEE-XXL
	assert_output --partial 'Size'
	shopctl product variant add t-shirt TEE-XXL --option Size=XXL --price 21.00EUR
	assert_equal "$(field t-shirt '.variants[-1] | [.sku, .options, .sellable]')" '["TEE-XXL",["XXL"],true]'
	run -4 shopctl product variant add t-shirt TEE-XXL2 --option size=XXL
	assert_output --partial variant_options_are_unique
}

@test "a document is edited as a whole" {
	export EDITOR="sed -i -e 's/^type:.*/type: \"Dry: food\"/' -e 's/5000/5100/' -e '/url:.*back/,+1d'"
	run -0 shopctl product edit dog-food
	assert_equal "$(field dog-food '[.type, .variants[1].weight_grams, (.images | length), .version > 1]')" '["Dry: food",5100,1,true]'
	EDITOR=true run -0 shopctl product edit dog-food
	assert_output --partial 'nothing was changed'
	EDITOR=false run -4 shopctl product edit dog-food
	assert_output --partial editor_ends_well
	rm -f "$TMPDIR"/shopctl-*.yaml
	EDITOR="sed -i 's/^status:.*/status: [/'" run -65 shopctl product edit dog-food
	assert_output --regexp 'shopctl-.*\.yaml:[0-9]+:[0-9]+: '
	kept=$(sed -n 's/.*your text is in \([^;]*\);.*/\1/p' <<<"$output")
	sed -i 's/^status:.*/status: draft/' "$kept"
	shopctl product edit dog-food --file "$kept"
	assert_equal "$(field dog-food '[.status, .variants[0].sellable]')" '["draft",false]'
	run -4 shopctl product edit dog-food --file "$kept"
	assert_output --partial product_version_is_current
	rm "$kept"
}

@test "a document says what it cannot mean, and changes nothing" {
	printf 'handle: candle\nversion: 1\ntitel: X\n' >"$RUN/doc.yaml"
	run -65 shopctl product edit candle --file "$RUN/doc.yaml"
	assert_output --partial '"titel"'
	printf 'handle: candle\nversion: 1\ntype: X\nvariants:\n- sku: TEE-M\n' >"$RUN/doc.yaml"
	run -4 shopctl product edit candle --file "$RUN/doc.yaml"
	assert_output --partial variant_is_of_the_product
	printf 'handle: candle\nversion: 1\ntype: A\ntype: B\n' >"$RUN/doc.yaml"
	run -65 shopctl product edit candle --file "$RUN/doc.yaml"
	assert_output --partial 'doc.yaml:4:1: type is given twice'
	printf 'handle: candle\nversion: 1\ntags: &t [a]\nattributes: *t\n' >"$RUN/doc.yaml"
	run -65 shopctl product edit candle --file "$RUN/doc.yaml"
	assert_output --partial 'doc.yaml:4:13'
	assert_equal "$(field candle '[.version, .type]')" '[1,"Candle"]'
	for product in $(shopctl product list --field handle); do
		run -0 bash -c "'$BUILD/shopctl' product edit $product --print | '$BUILD/shopctl' product edit $product --file - --field changed"
		assert_output false
	done
}

@test "a category moves with all below it, merges with its namesakes, and is not lost" {
	shopctl category create 'Animals > Food > Dry'
	run -0 shopctl category move pets --under animals --field path
	assert_output animals/pets
	assert_equal "$(field cat-food .category)" '"animals/pets/food"'
	run -4 shopctl category move animals --under animals/pets
	assert_output --partial category_is_not_below_itself
	run -0 shopctl category merge animals/pets --into animals --yes --field path
	assert_output animals
	assert_equal "$(field cat-food .category)" '"animals/food"'
	assert_equal "$(field dog-leash .category)" '"animals/accessories"'
	run -0 shopctl category tree animals --format table
	assert_line --index 0 'Animals (4)'
	assert_line --index 2 '  Food (2)'
	assert_line --index 3 '    Dry (0)'
	run -4 shopctl category delete animals/food --yes
	assert_output --partial category_is_empty
	run -0 shopctl category set animals --name Pets --field path
	assert_output pets
	run -0 shopctl category delete pets/food/dry --yes
	run -0 shopctl fsck --only catalog
}

@test "a category asks for attributes; products that would not fit are named" {
	run -4 shopctl category attribute set clothing size --kind integer --required
	assert_output --partial 't-shirt'
	shopctl product set t-shirt attribute.size=12
	shopctl category attribute set clothing size --kind integer --required
	shopctl category attribute set clothing colour --kind choice --choice red --choice blue
	for bad in size=L size= colour=green; do
		run -65 shopctl product set t-shirt "attribute.$bad"
		assert_output --partial attributes_fit_their_category
	done
	run -65 shopctl product set candle category=clothing
	shopctl product set t-shirt attribute.colour=blue
	shopctl category create clothing/shirts
	run -0 shopctl category attribute list clothing/shirts --format json
	run -0 jq -c '.items[] | [.name, .kind, .required, .choices, .path]' <<<"$output"
	assert_output '["colour","choice",false,["red","blue"],"clothing"]
["size","integer",true,[],"clothing"]'
	shopctl category attribute remove clothing colour
	shopctl product set t-shirt attribute.colour=green
	run -0 shopctl fsck --only catalog
}

@test "brands and suppliers are renamed, merged, and deleted when nothing is of them" {
	run -0 shopctl brand set walkwell --name 'Walk & Well' --field slug
	assert_output walk-well
	assert_equal "$(field bird-cage .brand)" '"Walk & Well"'
	run -4 shopctl brand delete walk-well --yes
	assert_output --partial 'brand merge'
	run -6 shopctl brand merge walk-well --into lumen
	shopctl brand merge walk-well --into lumen --yes
	assert_equal "$(field bird-cage .brand)" '"Lumen"'
	run -3 shopctl brand set walk-well --name x
	run -4 shopctl brand create ' LUMEN '
	assert_output --partial brand_slug_is_unique
	shopctl supplier create Acme --email Orders@Acme.example
	shopctl supplier create Globex
	shopctl product set bird-cage supplier=acme
	shopctl supplier merge acme --into globex --yes
	assert_equal "$(field bird-cage .supplier)" '"Globex"'
	run -0 shopctl product list --columns handle --format csv
	run -0 shopctl supplier list --format csv
	assert_line 'globex,Globex,,1'
}

@test "two who change the same products wait for each other" {
	for i in 1 2 3 4; do
		shopctl product set --where 'title~t' "attribute.n$i=$i" >/dev/null 2>"$RUN/err$i" 3>&- &
		shopctl product set --where 'title!~zzz' "attribute.m$i=$i" >/dev/null 2>>"$RUN/err$i" 3>&- &
	done
	wait
	run cat "$RUN"/err?
	assert_output ''
	assert_equal "$(field candle '.attributes | keys | length')" "$(field candle '.attributes | length')"
	assert_equal "$(field candle '.attributes | [.m1, .m2, .m3, .m4]')" '["1","2","3","4"]'
}
