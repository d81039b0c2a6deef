# Whose files are understood, and what becomes of them: small files of each kind here,
# and the real ones when they are there.

load helper

DATA=${SHOP_DATA:-$ROOT/../shared/data}

setup() {
	sql 'TRUNCATE product, variant, price, stock, stock_movement, product_image, brand,
		category, warehouse, import_run, import_rejected, audit_log, audit_seal RESTART IDENTITY CASCADE'
	shopctl warehouse create AMS-1 --country NL --priority 10 >"$RUN/out"
}

# counts NOUN [OPTIONS] FILE: rows created updated unchanged rejected, of one import.
counts() {
	shopctl "$1" import "${@:2}" --format csv --no-header \
		--columns rows,created,updated,unchanged,rejected
}

# file LINE...: a file of these lines.
file() {
	printf '%s\n' "$@" >"$RUN/file.csv"
	echo "$RUN/file.csv"
}

stderr_has() {
	# shellcheck disable=SC2154 # run --separate-stderr sets it
	[[ "$stderr" == *"$1"* ]] || {
		echo "not on standard error: $1"
		echo "$stderr"
		return 1
	}
}

variants() {
	sql "SELECT p.handle, v.sku, array_to_string(v.options, '/'), v.tax_class, v.weight_grams,
		v.requires_shipping, v.sellable, r.amount, r.compare_at FROM variant v
		JOIN product p ON p.id = v.product_id LEFT JOIN price r ON r.variant_id = v.id
			AND r.valid_until = 'infinity' ORDER BY v.sku, r.currency"
}

@test "WooCommerce: a variable product, its variations and what they share" {
	woo=$(file 'ID,Type,SKU,Name,Published,Short description,Description,Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,Stock,Weight (lbs),Length (cm),Sale price,Regular price,Categories,Tags,Images,Parent,Grouped products,External URL,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 2 name,Attribute 2 value(s),Meta: _note' \
		'8,variation,TEE-RED,Tee - Red,1,,,,,taxable,parent,1,4,,,,19.90,,,https://x/red.jpg,id:7,,,Colour,Red,,Fit,,' \
		'7,variable,,"Tee, soft",1,Short,"one\ntwo",,,taxable,reduced-rate,1,,0.5,,,,"Clothing, Clothing > T-Shirts","a, b\, c","https://x/1.jpg, https://x/2.jpg",,,,Colour,"Red, Blue",1,Cloth,Cotton,7' \
		'9,variation,,Tee - Blue,1,,,,,taxable,parent,1,,1,,15,19.90,,,,id:7,,,Colour,Blue,,,,' \
		'10,simple,MUG,Mug,-1,,,2099-01-01,2099-02-01,none,,1,3,,10,5,9,,,,,,,Material,Clay,1,,,' \
		'11,"simple, virtual",SONG,Song,1,,,2001-01-01,2002-01-01,taxable,,1,,,,1,2,Music,,,,,,,,,,,' \
		'12,grouped,SET,Set,1,,,,,taxable,,1,,,,,,,,,,"MUG, SONG",,,,,,,' \
		'13,external,LINK,Link,1,,,,,taxable,,1,,,,,30,,,,,,https://else/,,,,,,')
	run -0 --separate-stderr counts product --currency EUR "$woo"
	assert_output 7,7,0,0,0
	run -0 sql "SELECT amount, compare_at, valid_from::date, valid_until::date FROM price
		WHERE scheduled"
	assert_output '500|900|2099-01-01|2099-02-01'
	run -0 variants
	assert_output 'link|LINK||standard|0|t|f|3000|
mug|MUG||exempt|0|t|f|900|
song|SONG||standard|0|f|t|200|
tee-soft|TEE-RED|Red/Any|reduced-rate|227|t|t|1990|
tee-soft|id-7-blue|Blue/Any|reduced-rate|454|t|t|1500|1990'
	run -0 sql "SELECT handle, title, description, option_names, tags, attributes ->> 'Cloth',
		attributes ->> 'Meta: _note', path FROM product p JOIN category c
		ON c.id = p.category_id WHERE handle = 'tee-soft'"
	assert_output 'tee-soft|Tee, soft|one
two|{Colour,Fit}|{a,"b, c"}|Cotton|7|clothing/t-shirts'
	run -0 sql "SELECT string_agg(url, ' ' ORDER BY url) FROM product_image"
	assert_output 'https://x/1.jpg https://x/2.jpg https://x/red.jpg'
	run -0 sql "SELECT sum(on_hand), sum(delta) FROM stock JOIN stock_movement
		USING (variant_id, warehouse_id)"
	assert_output '7|7'
	run -0 counts product -q --allow-repeat --currency EUR "$woo"
	assert_output 7,0,0,7,0
	shopctl product export --output "$RUN/export.csv"
	run -0 --separate-stderr counts product --dry-run "$RUN/export.csv"
	assert_output --regexp '^[0-9]+,0,0,[0-9]+,0$'
	run -0 shopctl fsck
}

@test "WooCommerce: what cannot be sold here is named" {
	run -65 --separate-stderr counts product "$(file \
		'Type,SKU,Name,Published,Sale price,Regular price,Categories,Parent,Attribute 1 name,Attribute 1 value(s)' \
		'subscription,S,S,1,,1,,,,' 'variation,V,V,1,,1,,,,' 'variation,W,W,1,,1,,GONE,A,B' \
		'simple,D,D,3,,1,,,,' 'variable,T,T,1,,,,,A,"B, C"' 'variation,T1,,1,,1,,T,A,B' \
		'variation,T2,,0,,1,,T,A,C' 'variation,T3,,1,,free,,T,A,D')"
	stderr_has 'line 2, Type: product_type_is_known: "subscription"'
	stderr_has 'line 3, Parent: variation_has_a_parent: it does not say'
	stderr_has 'line 4, parent: variation_has_a_parent: there is no product GONE'
	stderr_has 'line 5, Published: product_status_is_known'
	stderr_has 'line 8, status: variant_is_sold_as_its_product'
	stderr_has 'line 9, Regular price: money_is_exact'
	run -0 sql 'SELECT count(*) FROM product'
	assert_output 0
}

@test "Magento: a configurable product takes in the rows that it names" {
	magento=$(file 'sku,store_view_code,attribute_set_code,product_type,categories,name,description,weight,product_online,tax_class_name,visibility,price,special_price,special_price_to_date,url_key,base_image,additional_images,additional_attributes,qty,configurable_variations,use_config_min_qty' \
		'TEE-S,,Top,simple,Root/Men,Tee-S,d,0.25,1,Taxable Goods,Not Visible Individually,19.900000,,,tee-s,/s.jpg,,"size=S,note=red, or blue",10.0000,,1' \
		'TEE-M,,Top,simple,Root/Men,Tee-M,d,0.25,1,Taxable Goods,Not Visible Individually,19.900000,15,1/31/20,tee-m,/m.jpg,,"size=M,note=plain",5,,1' \
		'TEE,,Top,configurable,"Root,Root/Men,Root/Men/Tees",Tee,d,,1,Taxable Goods,Both,0,,,,/t.jpg,"/t.jpg,/t2.jpg","care=Wash|Cold",0,"sku=TEE-S,size=S|sku=TEE-M,size=M",1' \
		'TEE,de,,,,T-Hemd,,,,,,,,,t-hemd,,,,,,' \
		'CUP,,Bag,simple,Root,Cup,d,1,2,None,Both,5,4,,,,,,,,1' \
		'KIT,,Bag,bundle,Root,Kit,d,,1,Taxable Goods,Both,,,,,,,,,,1')
	run -0 --separate-stderr counts product --currency EUR "$magento"
	assert_output 5,5,0,0,0
	stderr_has '1 row, line 5 first: the store view de, which has texts of its own'
	stderr_has '3 rows, line 2 first: the unit of weights'
	stderr_has '1 row, line 7 first: a bundle'
	run -0 variants
	assert_output 'cup|CUP||exempt|1000|t|f|400|500
tee|TEE-M|M|standard|250|t|t|1990|
tee|TEE-S|S|standard|250|t|t|1990|'
	run -0 sql "SELECT handle, title, status, option_names, attributes ->> 'care', path
		FROM product p LEFT JOIN category c ON c.id = p.category_id ORDER BY handle"
	assert_output 'cup|Cup|draft|{}||
kit|Kit|draft|{}||
tee|Tee|active|{size}|Wash|Cold|men/tees'
	run -0 sql "SELECT attributes ->> 'note', image_url FROM variant WHERE sku = 'TEE-S'"
	assert_output 'red, or blue|/s.jpg'
	run -0 sql "SELECT string_agg(url, ' ' ORDER BY url), (SELECT sum(delta) FROM stock_movement)
		FROM product_image"
	assert_output '/m.jpg /s.jpg /t.jpg /t2.jpg|15'
	run -0 counts product -q --allow-repeat --currency EUR "$magento"
	assert_output 5,0,0,5,0
	run -0 counts product --currency EUR "$(file sku,qty,price,product_online \
		TEE-S,8.0000,19.90, TEE-M,5,21,)"
	assert_output 2,0,2,0,0
	run -0 shopctl fsck
}

@test "Magento: options that are not listed tell variants apart; half a product is refused" {
	run -0 counts product --currency EUR "$(file \
		sku,product_type,name,price,url_key,additional_attributes,configurable_variations \
		'P-1,simple,P1,1,p1,"size=S,color=Red,cloth=wool",' \
		'P-2,simple,P2,1,p2,"size=S,color=Blue,cloth=wool",' \
		'P,configurable,P,1,p,,"sku=P-1,size=S|sku=P-2,size=S"')"
	run -0 sql "SELECT option_names, (SELECT string_agg(options::text, ' ' ORDER BY sku)
		FROM variant) FROM product"
	assert_output '{size,color}|{S,Red} {S,Blue}'
	run -5 --separate-stderr counts product --partial --currency EUR "$(file \
		sku,product_type,name,price,url_key,additional_attributes,configurable_variations \
		'Q-1,simple,Q1,1,q1,size=S,' 'R,simple,R,1,r,,' \
		'Q,configurable,Q,1,q,,"sku=Q-1,size=S|sku=Q-2,size=M|size=L"' \
		'W,configurable,W,1,w,,"sku=W-1,size=S|sku=W-2,size=M"')"
	assert_output 4,1,0,0,3
	stderr_has 'line 4, configurable_variations: variation_has_a_sku: "size=L"'
	stderr_has 'line 2, parent: variation_has_a_parent: it is a variant of the product on line 4'
	stderr_has 'line 5, children: variations_are_in_the_file: 2 of its 2 variations'
	run -0 sql "SELECT string_agg(handle, ' ' ORDER BY handle) FROM product"
	assert_output 'p r'
}

@test "Spree: the first row is the product, a second currency is another price" {
	run -0 counts product "$(file slug,sku,name,status,price,compare_at_price,currency,weight,weight_unit,inventory_count,tax_category,digital,image1_src,option1_name,option1_value,category1,custom_field.custom.fit \
		shirt,SHIRT,Shirt,active,0.0,0.0,USD,0.0,lb,,Default,false,https://x/1,,,'Men -> Shirts',loose \
		shirt,SHIRT-S,,,9.99,12.5,USD,1,lb,7,Clothing,false,,Size,S, \
		shirt,SHIRT-M,,,9.99,0,USD,500,g,3,,,,Size,M \
		shirt,SHIRT-S,,,8.99,,EUR,,,,,,,,, song,SONG,Song,draft,1,,EUR,,,,,true,,,,,)"
	assert_output 5,5,0,0,0
	run -0 variants
	assert_output 'shirt|SHIRT-M|M|standard|500|t|t|999|
shirt|SHIRT-S|S|clothing|454|t|t|899|
shirt|SHIRT-S|S|clothing|454|t|t|999|1250
song|SONG||standard|0|f|f|100|'
	run -0 sql "SELECT option_names, path, attributes ->> 'custom_field.custom.fit', (SELECT
		sum(on_hand) FROM stock) FROM product p JOIN category c ON c.id = p.category_id"
	assert_output '{Size}|men/shirts|loose|10'
	run -0 counts product --allow-repeat "$RUN/file.csv"
	assert_output 5,0,0,5,0
}

@test "Vendure: padded columns, several languages, what is not whole is refused" {
	head='name  , slug , description , assets , facets , optionGroups , optionValues , sku , price , taxCategory , stockOnHand , trackInventory , variantAssets , variantFacets'
	run -0 --separate-stderr counts product --currency EUR "$(file "$head" \
		'Mug   , mug  , "A, mug"    , a.jpg|b.jpg , category:Home|brand:Acme|colour:red , "size|lid" , "small|yes" , MUG-S , 4.5 , standard , 3 , false , , heat:yes' \
		'      ,      ,             ,             ,                          ,            , "large|no"  , MUG-L , 5   , standard , 4 , true  , c.jpg ,')"
	assert_output 2,2,0,0,0
	run -0 sql "SELECT handle, description, option_names, p.attributes, b.name, c.path,
		string_agg(v.sku || ' ' || v.options::text, ', ' ORDER BY v.id) FROM product p
		JOIN variant v ON v.product_id = p.id JOIN brand b ON b.id = brand_id
		JOIN category c ON c.id = category_id GROUP BY p.id, b.name, c.path"
	assert_output 'mug|A, mug|{size,lid}|{"facets": "colour:red"}|Acme|home|MUG-S {small,yes}, MUG-L {large,no}'
	run -0 --separate-stderr counts product --currency EUR "$(file 'name:en,name:de,slug,description:en,assets,facets:en,optionGroups,optionValues:en,optionValues:de,sku,price,taxCategory,variantAssets,variantFacets' \
		'Cup,Tasse,,A cup,,,size,big,gross,CUP,1,standard,,')"
	stderr_has '1 row, line 2 first: texts in other languages'
	run -0 sql "SELECT handle, title, option_names FROM product WHERE handle = 'cup'"
	assert_output 'cup|Cup|{size}'
	run -65 --separate-stderr counts product "$(file "$head" 'Pot,pot,,,,size,"a|b",P1,1,,,,,' \
		',,,,,,"a|c",P2,1,,,,,')"
	stderr_has 'line 2, optionValues: options_have_names: 2 option values for 1 option group'
	stderr_has 'line 3, title: product_has_a_title: the row that gives its title, line 2, was refused'
	run -65 --separate-stderr counts product "$(file name,description,optionGroups,optionValues,sku,price,taxCategory,variantAssets,facets \
		x,,,,X,1,,,)"
	stderr_has 'without the columns slug, assets, variantFacets'
}

@test "Medusa: prices by currency, not by region; columns that it would refuse" {
	head='Product Id,Product Handle,Product Title,Product Status,Product Image 1,Product Image 2,Product Tag 1,Product Tag 2,Variant Id,Variant Title,Variant Sku,Variant Option 1 Name,Variant Option 1 Value,Variant Price EUR,Variant Price USD'
	run -0 counts product --currency EUR "$(file "$head" \
		p1,mug,Mug,published,a.jpg,b.jpg,x,y,v1,Small,,size,small,4.50,5 \
		p1,mug,Mug,published,a.jpg,b.jpg,x,y,v2,Large,MUG-L,size,large,,6)"
	assert_output 2,2,0,0,0
	run -0 sql "SELECT v.sku, r.currency, r.amount, p.tags, p.status FROM price r
		JOIN variant v ON v.id = variant_id JOIN product p ON p.id = product_id ORDER BY 1, 2"
	assert_output 'MUG-L|USD|600|{x,y}|active
mug-small|EUR|450|{x,y}|active
mug-small|USD|500|{x,y}|active'
	run -0 counts product --currency EUR "$(file "$head" \
		p1,mug,Mug,published,a.jpg,b.jpg,x,y,v1,Small,,size,small,4.50,5.50)"
	assert_output 1,0,1,0,0
	run -65 --separate-stderr counts product --currency EUR "$(file "$head" \
		p2,cup,Cup,live,,,,,v3,Small,,size,small,1,1 p2,cup,Cup,draft,,,,,v4,Small,,size,small,1,1)"
	stderr_has 'line 2, Product Status: product_status_is_known'
	run -65 --separate-stderr counts product --currency EUR "$(file "$head" \
		p2,cup,Cup,draft,,,,,v3,Small,,size,small,1,1 p2,cup,Cup,draft,,,,,v4,Small,,size,small,1,1)"
	stderr_has 'line 3, options: variant_options_are_unique: it is another variant than the one on line 2'
	run -65 --separate-stderr counts product "$(file 'Product Handle,Product Title,Variant Price Europe [EUR]' p,P,3)"
	stderr_has 'line 2, Variant Price Europe [EUR]: price_has_no_region'
	run -65 --separate-stderr counts product "$(file 'Product Handle,Product Title,Product colour' p,P,red)"
	stderr_has 'column 3, "Product colour", is none of a file of medusa'
}

@test "commercetools: everybody's prices, and the attribute that tells variants apart" {
	run -0 --separate-stderr counts product --currency EUR "$(file productType,variantId,sku,prices,tax,categories,images,name.en,description.en,slug.en,name.de,slug.de,baseId,color,size,designer,season \
		'main,1,A1,EUR 1250;EUR 900 b2b;US-USD 1400;USD 1500,standard,Men>Shoes;New>Men>Shoes,https://x/1,Shoe,,shoe,Schuh,schuh,7,red,40,acme,s15' \
		',2,A2,EUR 1250,,,https://x/2,,,,,,7,red,41,,' \
		'main,1,B1,EUR 5,standard,,,Hat,,hat,Hut,hut,8,red,,,')"
	assert_output 3,3,0,0,0
	stderr_has '1 row, line 2 first: prices of countries, customer groups and channels'
	run -0 sql "SELECT v.sku, v.options, p.option_names, v.attributes ->> 'season', r.currency,
		r.amount, path FROM variant v JOIN product p ON p.id = product_id
		JOIN price r ON r.variant_id = v.id LEFT JOIN category c ON c.id = category_id
		ORDER BY 1, r.currency"
	assert_output 'A1|{40}|{size}|s15|EUR|1250|new/men/shoes
A1|{40}|{size}|s15|USD|1500|new/men/shoes
A2|{41}|{size}||EUR|1250|new/men/shoes
B1|{}|{}||EUR|5|'
	run -0 counts product -q --allow-repeat --currency EUR "$RUN/file.csv"
	assert_output 3,0,0,3,0
}

@test "what is no file of products is named, and who reads it" {
	while IFS='|' read -r said columns row; do
		run -65 --separate-stderr counts product "$(file "$columns" "$row")"
		stderr_has "file_is_of_its_kind: $said"
	done <<-'END'
		this is a file for `stock import` (magento-msi)|sku,source_code,status,quantity|A,B,1,2
		this is a file for `stock import` (native)|sku,warehouse,on_hand,expected|A,B,1,2
		these are Magento's cart price rules|name,description,simple_action,discount_amount,conditions_serialized|a,b,c,1,{}
		these are a tree of Magento's categories|name,url_key,path,active,is_anchor,include_in_menu|Men,men,,1,0,1
	END
	run -65 --separate-stderr counts stock "$(file handle,title,sku,price a,A,A,1)"
	stderr_has 'this is a file for `product import` (native)'
}

@test "Shopify: markets and metafields are kept as they are" {
	run -0 --separate-stderr counts product --currency EUR "$(file 'Title,URL handle,SKU,Option1 name,Option1 value,Option1 Linked To,Price,Unit price total measure,Included / Poland,Price / Poland,Compare-at price / Poland,Color (product.metafields.shopify.color-pattern)' \
		Tee,tee,TEE-S,Size,S,product.metafields.custom.size,5,100,true,22.00,25.00,red)"
	assert_output 1,1,0,0,0
	assert_equal "$stderr" ''
	run -0 sql "SELECT p.attributes ->> 'Included / Poland', v.attributes ->> 'Price / Poland',
		p.attributes ->> 'Color (product.metafields.shopify.color-pattern)',
		v.attributes ->> 'unit_price_total_measure' FROM product p, variant v"
	assert_output 'true|22.00|red|100'
}

@test "every file of the sample data is imported whole, or each wrong line is named" {
	[ -d "$DATA/products" ] || skip "no sample data"
	while read -r status expected file; do
		run -"$status" --separate-stderr counts product --dry-run --currency USD "$DATA/products/$file"
		[ "$expected" = - ] || assert_output "$expected"
	done <<-'END'
		0 1994,1994,0,0,0 magento/magento2-sample-configurable-products.csv
		0 14,14,0,0,0 magento/magento2-sample-gear_bags.csv
		65 - magento/magento2-sample-categories.csv
		65 - magento/magento2-sample-sales_rules.csv
		65 - magento/magento2-sample-tablerate.csv
		65 - magento/techdivision-msi-inventory.csv
		0 9,9,0,0,0 magento/techdivision-multi-storeview.csv
		65 547,0,0,0,124 magento/techdivision-products-04.csv
		0 102,102,0,0,0 other/commercetools-products-2020.csv
		0 3,3,0,0,0 other/commercetools-products-ci.csv
		0 3,3,0,0,0 other/medusa-exported-products-comma.csv
		0 3,3,0,0,0 other/medusa-exported-products-semicolon.csv
		65 - other/medusa-invalid-column.csv
		65 1,0,0,0,1 other/medusa-invalid-prices.csv
		65 1,0,0,0,1 other/medusa-prices-with-region.csv
		0 1,1,0,0,0 other/medusa-unrelated-column.csv
		65 5,0,0,0,2 other/medusa-v1-template.csv
		0 211,211,0,0,0 other/spree-products.csv
		65 - other/vendure-invalid-columns.csv
		65 4,0,0,0,4 other/vendure-invalid-option-values.csv
		65 3,0,0,0,1 other/vendure-invalid-row-length.csv
		0 3,3,0,0,0 other/vendure-multiple-languages.csv
		0 10,10,0,0,0 other/vendure-multiple-products-multiple-variants.csv
		65 88,0,0,0,2 other/vendure-products.csv
		65 300,0,0,0,3 shopify/gatsby-starter-products.csv
		0 60,60,0,0,0 shopify/mikolajroszak-products_export_1.csv
		0 21,21,0,0,0 shopify/packt-product-data.csv
		0 17,17,0,0,0 shopify/spree-products_import-fixture.csv
		0 7,7,0,0,0 woocommerce/classic-commerce-importer-sample.csv
		0 24,24,0,0,0 woocommerce/classic-commerce-sample_products.csv
		65 - woocommerce/classic-commerce-sample_tax_rates.csv
	END
	stock=$DATA/inventory/commercetools-inventory.csv
	shopctl product import -q "$(file sku,title "$(awk -F, 'NR > 1 { print $1 "," $1 }' "$stock")")" >"$RUN/out"
	run -0 counts stock "$stock"
	assert_output 26137,26137,0,0,0
	run -0 sql "SELECT count(*), sum(on_hand), sum(delta) FROM stock
		JOIN stock_movement USING (variant_id, warehouse_id)"
	assert_output '26137|4106948|4106948'
	run -0 counts stock --allow-repeat "$stock"
	assert_output 26137,0,0,26137,0
}

# Two products with three variants, nothing on hand.
stocked() {
	shopctl product import --currency EUR "$(file 'handle,sku,title,option1 name,option1 value,price' \
		tee,TEE-S,Tee,Size,S,1 tee,TEE-M,,,M,1 mug,MUG,Mug,,,2)" >"$RUN/out"
}

on_hand() {
	sql "SELECT v.sku, w.code, s.on_hand FROM stock s JOIN variant v ON v.id = s.variant_id
		JOIN warehouse w ON w.id = s.warehouse_id ORDER BY 1, 2"
}

@test "stock: our own columns, with and without what is expected there" {
	stocked
	run -0 counts stock "$(file sku,warehouse,on_hand TEE-S,AMS-1,5 TEE-M,AMS-1,0 MUG,AMS-1,)"
	assert_output 3,2,0,1,0
	run -5 --separate-stderr counts stock --partial "$(file sku,warehouse,on_hand,expected \
		TEE-S,AMS-1,7,4 TEE-M,AMS-1,3,0 MUG,AMS-1,2,)"
	assert_output 3,1,1,0,1
	stderr_has 'line 2, on_hand: stock_is_as_expected: TEE-S in AMS-1 has 5 on hand, not 4'
	run -0 on_hand
	assert_output 'MUG|AMS-1|2
TEE-M|AMS-1|3
TEE-S|AMS-1|5'
	run -0 sql "SELECT string_agg(reference || ' ' || delta, ', ' ORDER BY id)
		FROM stock_movement"
	assert_output 'import:2 5, import:3 3, import:3 2'
	run -0 shopctl fsck
}

@test "stock: Shopify's three layouts" {
	stocked
	run -65 --separate-stderr counts stock "$(file \
		'Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,AMS-1,Shop Berlin' \
		tee,Tee,Size,S,,,,3,'not stocked' tee,Tee,Size,M,TEE-M,,,,4 \
		"mug,Mug,Title,Default Title,,,,2,1")"
	stderr_has 'line 3, Shop Berlin: warehouse_exists: there is no warehouse "Shop Berlin"'
	run -0 counts stock --create-warehouses "$RUN/file.csv"
	assert_output 6,4,0,2,0
	run -0 on_hand
	assert_output 'MUG|AMS-1|2
MUG|Shop Berlin|1
TEE-M|Shop Berlin|4
TEE-S|AMS-1|3'
	run -0 counts stock "$(file 'Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Incoming,Unavailable,Committed,Available,On hand' \
		tee,Tee,Size,S,TEE-S,,,AMS-1,9,1,1,1,4 tee,Tee,Size,M,TEE-M,,,AMS-1,,,,,'not stocked')"
	assert_output 2,0,1,1,0
	run -5 --separate-stderr counts stock --partial "$(file 'Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),Unavailable (not editable),Committed (not editable),Available (not editable),On hand (current),On hand (new)' \
		tee,Tee,Size,S,TEE-S,,,AMS-1,,0,0,0,4,4,10 tee,Tee,Size,M,TEE-M,,,AMS-1,,,,,,'not stocked',6 \
		"mug,Mug,Title,Default Title,,,,AMS-1,,,,,,3,9" "mug,Mug,Title,Default Title,,,,Shop Berlin,,,,,,7,")"
	assert_output 4,1,1,1,1
	stderr_has 'line 4, on_hand: stock_is_as_expected: mug in AMS-1 has 2 on hand, not 3'
	run -0 on_hand
	assert_output 'MUG|AMS-1|2
MUG|Shop Berlin|1
TEE-M|AMS-1|6
TEE-M|Shop Berlin|4
TEE-S|AMS-1|10'
	run -0 shopctl fsck
}

@test "stock: Magento's sources and commercetools; each wrong row is named" {
	stocked
	sql "INSERT INTO warehouse (code, name) VALUES ('BER-1', 'default')"
	run -0 counts stock "$(file source_code,sku,status,quantity default,TEE-S,1,5.0000 \
		AMS-1,TEE-S,0,0 AMS-1,MUG,1,7)"
	assert_output 3,3,0,0,0
	run -0 counts stock --warehouse AMS-1 "$(file sku,quantityOnStock,supplyChannel TEE-M,4, MUG,7,)"
	assert_output 2,1,0,1,0
	sql "UPDATE stock SET reserved = 3 WHERE on_hand = 7"
	run -65 --separate-stderr counts stock "$(file sku,warehouse,on_hand GONE,AMS-1,1 \
		TEE-S,BER-1,-2 TEE-S,BER-1,1.5 TEE-M,AMS-1,8 TEE-M,AMS-1,9 MUG,AMS-1,2 ,AMS-1,4 \
		TEE-S,AMS-9,4)"
	for said in 'line 2, sku: variant_exists' 'line 3, on_hand: stock_never_oversold' \
		'line 4, on_hand: value_is_integer' 'line 6, on_hand: stock_is_given_once' \
		'line 7, on_hand: stock_never_oversold: 3 of MUG' \
		'line 8, SKU: row_names_a_product' 'line 9, AMS-9: warehouse_exists'; do
		stderr_has "$said"
	done
	run -65 --separate-stderr counts stock "$(file sku,source_code,status,quantity MUG,AMS-1,0,9)"
	stderr_has 'line 2, status: stock_is_for_sale: 9 are there'
	run -65 --separate-stderr counts stock --warehouse AMS-1 "$(file handle,title tee,Tee)"
	stderr_has csv_header_is_known
}
