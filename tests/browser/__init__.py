"""What a person does in a browser, on the whole product."""
