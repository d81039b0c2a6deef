/* GET /openapi.json: the file of that name, carried in the program. */
#include "shop-httpd/route.h"

__asm__(".pushsection .rodata\nopenapi_text:\n"
	".incbin \"cmd/shop-httpd/openapi.json\"\n.byte 0\n.popsection");
extern const char openapi_text[];

void openapi_show(struct request *r)
{
	answer_json(r, 200, openapi_text);
}
