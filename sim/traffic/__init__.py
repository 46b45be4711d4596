"""Made-up aircraft in the sky of a site, and a ground receiver that hears them."""
