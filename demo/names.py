"""Names of people, streets and businesses to draw from; any resemblance to real ones is coincidental."""

FIRST_NAMES = (
    "Aaron", "Abigail", "Adrian", "Aisha", "Alan", "Alicia", "Allison", "Amir", "Ana", "Andrea", "Angela", "Anthony",
    "April", "Arjun", "Ashley", "Audrey", "Barbara", "Beatriz", "Bethany", "Brandon", "Brenda", "Brian", "Bridget",
    "Caleb", "Camila", "Carla", "Carlos", "Caroline", "Catherine", "Cesar", "Charlotte", "Chen", "Christine", "Claire",
    "Colin", "Connie", "Craig", "Crystal", "Curtis", "Cynthia", "Dale", "Daniel", "Danielle", "Darren", "Deborah",
    "Denise", "Derek", "Diana", "Diego", "Donna", "Doris", "Douglas", "Edgar", "Eduardo", "Eileen", "Elise", "Emilia",
    "Erica", "Ernest", "Esther", "Ethan", "Fernando", "Frances", "Gabriel", "Gail", "Gary", "Gina", "Gloria", "Gordon",
    "Gregory", "Guadalupe", "Harold", "Heather", "Hector", "Helen", "Hugo", "Ian", "Irene", "Isaac", "Ivan",
    "Jamal", "Janet", "Jasmine", "Jenna", "Jeremy", "Joan", "Joel", "Jorge", "Joyce", "Juan", "Judith", "Julian",
    "Keith", "Kelly", "Kendra", "Kenneth", "Kevin", "Kimberly", "Latoya", "Laura", "Lena", "Leonard", "Leticia",
    "Lorenzo", "Louise", "Lucia", "Malik", "Manuel", "Marcia", "Margaret", "Mariana", "Marilyn", "Mark", "Martha",
    "Matthew", "Megan", "Mei", "Melvin", "Meredith", "Miguel", "Mindy", "Monica", "Naomi", "Natalie", "Nathan", "Neil",
    "Nicole", "Nina", "Norma", "Olga", "Omar", "Pamela", "Patrick", "Paula", "Pedro", "Philip", "Priscilla", "Rachel",
    "Raj", "Ramona", "Randall", "Raymond", "Rebecca", "Regina", "Ricardo", "Rita", "Roberta", "Rodney", "Rosa", "Roy",
    "Ruben", "Russell", "Ruth", "Samantha", "Sandra", "Sean", "Sergio", "Shannon", "Sharon", "Sheila", "Shirley",
    "Silvia", "Sonia", "Stanley", "Stella", "Steven", "Susan", "Sylvia", "Tamara", "Teresa", "Theodore", "Tiffany",
    "Timothy", "Tracy", "Trevor", "Valerie", "Vanessa", "Vernon", "Veronica", "Victor", "Vincent", "Virginia", "Walter",
    "Wanda", "Warren", "Wendy", "Wesley", "Yolanda", "Yusuf", "Zachary",
)  # fmt: skip

LAST_NAMES = (
    "Abbott", "Acosta", "Aguilar", "Alvarez", "Andrade", "Arnold", "Atkins", "Avery", "Baker", "Ballard", "Barajas",
    "Barrett", "Bauer", "Beck", "Benson", "Bishop", "Blake", "Bowen", "Bradford", "Brady", "Bryant", "Burke", "Byrd",
    "Cabrera", "Caldwell", "Camacho", "Cannon", "Carlson", "Carrillo", "Castro", "Chambers", "Chandra", "Chavez",
    "Choi", "Christensen", "Clarke", "Cohen", "Conley", "Conway", "Cortez", "Costa", "Crawford", "Cruz", "Dalton",
    "Dawson", "Dickson", "Dixon", "Doyle", "Dunn", "Duran", "Eaton", "Ellis", "Erickson", "Espinoza", "Farrell",
    "Figueroa", "Fischer", "Fitch", "Fleming", "Flores", "Foley", "Fowler", "Frazier", "Fuentes", "Gallagher",
    "Gardner", "Garrison", "Gentry", "Gibbs", "Glover", "Gomez", "Goodwin", "Graves", "Guerra", "Gupta", "Hahn",
    "Hammond", "Hancock", "Hardin", "Harmon", "Hartman", "Hensley", "Herrera", "Hodges", "Hoffman", "Holloway",
    "Huang", "Huerta", "Ibarra", "Ingram", "Jacobs", "Jennings", "Jimenez", "Johansson", "Juarez", "Kaplan", "Keller",
    "Khan", "Kim", "Klein", "Knapp", "Kramer", "Lam", "Larsen", "Lawson", "Leblanc", "Lopez", "Lowe", "Lozano", "Lynch",
    "Macias", "Madden", "Mahoney", "Marquez", "Massey", "Mathis", "Maxwell", "McBride", "McCarthy", "McKenzie",
    "Medina", "Mejia", "Mendoza", "Meyers", "Miranda", "Molina", "Monroe", "Morales", "Moreno", "Morton", "Mullins",
    "Navarro", "Newton", "Nguyen", "Nichols", "Nolan", "Norris", "Novak", "Ochoa", "Olsen", "Orozco", "Ostrowski",
    "Pacheco", "Padilla", "Palmer", "Park", "Parrish", "Patel", "Patton", "Pena", "Petersen", "Pham", "Pollard",
    "Porter", "Quinn", "Ramirez", "Ramsey", "Randolph", "Rao", "Reeves", "Reilly", "Rios", "Rivera", "Robbins", "Rojas",
    "Romero", "Rosales", "Rowland", "Salazar", "Salinas", "Santos", "Saunders", "Schmidt", "Schultz", "Serrano",
    "Shah", "Shelton", "Silva", "Singh", "Solis", "Spencer", "Stafford", "Stein", "Strickland", "Sutter", "Swanson",
    "Tate", "Tran", "Trevino", "Underwood", "Valdez", "Vargas", "Vasquez", "Vaughn", "Vega", "Villa", "Wagner", "Walsh",
    "Warner", "Waters", "Weaver", "Weiss", "Whitaker", "Wilkins", "Winters", "Wong", "Woodard", "Wu", "Yang", "York",
    "Zamora", "Zhang", "Zimmerman",
)  # fmt: skip

STREETS = (
    "Juniper Ridge Dr", "Pecan Hollow Ln", "Limestone Ct", "Old Mill Rd", "Bluebonnet Way", "Harvest Moon Dr",
    "Quarry Oaks Blvd", "Sycamore St", "Willow Bend Cir", "Cedar Elm Ln", "Stonegate Dr", "Lakeline Ave", "Maple Run",
    "Heron Cove", "Foxglove Ct", "Prairie Clover Path", "Canyon Vista Dr", "Mockingbird Ln", "Granite Shoals Dr",
    "Meadow Lark Ln", "Ridgeline Dr", "Orchard Park Cir", "Copper Creek Dr", "Windmill Trl", "Sandstone Pass",
    "Briarwood Dr", "Wildflower Ln", "Cypress Point", "Hawthorne Ave", "Rolling Hills Dr", "Thistle Ct", "Aspen Way",
    "Brookside Dr", "Shady Grove Rd", "Trailhead Dr", "Chestnut St", "Sparrow Ln", "Silver Birch Ln", "Elm St",
    "Fern Valley Rd", "Magnolia Ave", "Dogwood Dr", "Laurel Oak Ct", "Timber Ridge Rd", "Amber Glen Way", "Walnut St",
)  # fmt: skip

BUSINESSES = (
    "Parkside Apartments", "Blue Heron Dental", "Sunny Days Child Care", "Corner Table Restaurant", "Northgate Storage",
    "Oak & Iron Gym", "Willow Creek HOA", "Mesa Grill", "Ridgeview Property Group", "Second Chance Thrift",
    "Lamplight Books", "Harbor Street Bakery", "Greenway Veterinary", "Summit Auto Glass", "Paper Crane Design",
)  # fmt: skip
